"""Texts in a package are looked at as closely as their use asks."""

import hashlib
from pathlib import Path

import pytest

from builders import an_archive, an_include
from deployplan.lint.runner import lint

JOINED = "\u200d"  # part of some languages, and of emoji
TURNED = "\u202e"  # part of none


def told(folder: Path, name: str, text: bytes) -> list[str]:
    """What is said of a package with this file and an installer in it."""
    made = an_archive("install.sh", name, contents={name: text})
    include = an_include(
        folder,
        shop_2=f"""
package:
  web: {{file: made.tar, sha256: {hashlib.sha256(made).hexdigest()}}}
components:
  web: {{package: web, nodes: [web-1], deploy: ./install.sh, undo: ./install.sh --back}}
""",
    )
    (include.packages / "made.tar").write_bytes(made)
    return [problem.message for problem in lint(include) if problem.rule == "hidden-in-package"]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("install.sh", f"true\n: {JOINED}", "line 2 of install.sh: character U+200D"),
        ("bin/tool", f"#!/bin/sh\n\n: {JOINED}", "line 3 of bin/tool: character U+200D"),
        ("bin/tool", "\ufeff#!/bin/sh\n", "line 1 of bin/tool: character U+FEFF"),
        ("words/fa.txt", f"one\n{TURNED}two", "line 2 of words/fa.txt: character U+202E"),
        ("words/fa.txt", f"one\n{JOINED}two", None),
        ("words/bom.txt", "\ufeffone", None),
        ("app.bin", f"\0{TURNED}", None),
    ],
)
def test_a_script_has_none_and_another_text_none_that_no_language_needs(
    name: str, text: str, found: str | None, tmp_path: Path
) -> None:
    said = told(tmp_path, name, text.encode())
    assert [each.partition(" does not show")[0] for each in said] == ([f"made.tar: {found}"] if found else [])


def test_no_more_than_five_files_of_a_package_are_named(tmp_path: Path) -> None:
    names = [f"{number}.txt" for number in range(9)]
    made = an_archive(*names, contents=dict.fromkeys(names, TURNED.encode()))
    include = an_include(
        tmp_path, shop_2=f"package: {{web: {{file: made.tar, sha256: {hashlib.sha256(made).hexdigest()}}}}}\n"
    )
    (include.packages / "made.tar").write_bytes(made)
    assert len([problem for problem in lint(include) if problem.rule == "hidden-in-package"]) == 5
