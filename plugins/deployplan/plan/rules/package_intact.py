"""A package's file has the sha256 that the plan states.

PASS
    package:
      web: {file: shop-2.tar, sha256: f26980f79b903a9f67ca475a36a62613c5ecab8bbbb775de28cddd8a6f854288}

FAIL
    package:
      web: {file: shop-2.tar, sha256: 0000000000000000000000000000000000000000000000000000000000000000}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plain_file import lies_there, reason_of
from deployplan.plan.draft import Draft
from deployplan.plan.model.package_file import sha256_of
from deployplan.plan.text.file_trace import PACKAGE, note
from deployplan.plan.text.problem import Problem

ID: Final = "package-intact"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    for name, package in draft.plan.package.items():
        path = draft.include.packages / package.file
        if not lies_there(path, draft.include.root):
            continue
        place = draft.tree.place("package", name, "sha256")
        try:
            found = sha256_of(path, draft.include.root)
        except OSError as error:
            yield Problem.at(place, ID, f"{path} cannot be read: {reason_of(error)}")
            continue
        note(PACKAGE, path, found)
        if found != package.sha256:
            message = f"{path} has sha256 {found}, and the plan says {package.sha256}"
            yield Problem.at(
                place, ID, message, "if the file is the one that was tested, state its sha256; else replace it"
            )
