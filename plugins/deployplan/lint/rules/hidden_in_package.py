"""A text in a package has no character that does not show, or turns the text round: people would read another one.

Looked at are the archives that `script-in-package` looks into, and in them files of up to 1 MiB, 16 MiB in all. In a
script, which a `deploy` or `undo` names or a first line with `#!` makes one, every such character is told; elsewhere
those that no language needs, as translations have the others. A byte order mark may begin a text that is no script.

PASS
    package:
      web: {file: shop-2.tar, sha256: f26980f79b903a9f67ca475a36a62613c5ecab8bbbb775de28cddd8a6f854288}
    components:
      web: {package: web, deploy: ./install.sh, undo: ./install.sh --back}

FAIL
    package:
      web: {file: hidden.tar, sha256: 57efe2ce013baab5bd3035297ee389013150aa66dd8654e9e7965c826a6a3029}
    components:
      web: {package: web, deploy: ./install.sh, undo: ./install.sh --back}
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Final

from deployplan.lint.archive import small_files_in
from deployplan.plain_file import facts_of
from deployplan.plan.draft import Draft
from deployplan.plan.interpreter import named_script
from deployplan.plan.text.hidden import HINT, is_text, message
from deployplan.plan.text.problem import Problem
from deployplan.printable import HIDDEN, MISLEADING, printable

ID: Final = "hidden-in-package"
SEVERITY: Final = "warning"
MOST_TOLD = 5
"""Files of one package that are named."""


def check(draft: Draft) -> Iterator[Problem]:
    for name, package in draft.plan.package.items():
        path, root = draft.include.packages / package.file, draft.include.root
        try:
            facts = facts_of(path, root)
        except OSError:
            continue  # another rule tells of it
        scripts = frozenset(
            script
            for component in draft.plan.components.values()
            if component.package == name
            for text in (component.deploy, component.undo)
            if (script := named_script(text or "")) is not None
        )
        for told in _told(path, root, scripts, facts.st_size, facts.st_mtime_ns):
            yield Problem.at(draft.tree.place("package", name, "file"), ID, f"{package.file}: {told}", HINT, SEVERITY)


@lru_cache(maxsize=64)
def _told(path: Path, root: Path, scripts: frozenset[str], size: int, mtime_ns: int) -> tuple[str, ...]:
    """What is told of the first files of a package that has not changed since."""
    found = (_first(name, content, name in scripts) for name, content in small_files_in(path, root))
    return tuple(islice(filter(None, found), MOST_TOLD))


def _first(name: str, content: bytes, named: bool) -> str | None:
    if not is_text(content):
        return None
    text = content.decode("utf-8", "surrogateescape")
    runs = named or text.lstrip("\ufeff").startswith("#!")
    looked_for: re.Pattern[str] = HIDDEN if runs else MISLEADING
    hit = looked_for.search(text)
    if hit is None:
        return None
    return f"line {text.count(chr(10), 0, hit.start()) + 1} of {printable(name)}: {message(hit[0])}"
