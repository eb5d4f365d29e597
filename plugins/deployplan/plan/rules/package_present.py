"""A package's file lies in include/packages/.

PASS
    package:
      web: {file: shop-2.tar, sha256: f26980f79b903a9f67ca475a36a62613c5ecab8bbbb775de28cddd8a6f854288}

FAIL
    package:
      web: {file: shop-9.tar, sha256: f26980f79b903a9f67ca475a36a62613c5ecab8bbbb775de28cddd8a6f854288}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plain_file import lies_there
from deployplan.plan.draft import Draft
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.problem import Problem

ID: Final = "package-present"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    folder = draft.include.packages
    for name, package in draft.plan.package.items():
        if not lies_there(folder / package.file, draft.include.root):
            there = [path.name for path in folder.iterdir()] if folder.is_dir() else []
            message = f"package {name!r} has no file {folder / package.file}"
            place = draft.tree.place("package", name, "file")
            yield Problem.at(place, ID, message, did_you_mean(package.file, there))
