"""Which script a command runs, and what runs the script."""

import pytest

from builders import a_component, a_snapshot
from deployplan.plan.interpreter import interpreters, named_programs, named_script, shebang
from deployplan.plan.model.script import Script


@pytest.mark.parametrize(
    ("command", "script"),
    [
        ("./install.sh --now", "install.sh"),
        ("A=1 B='x y' ./bin/install.sh", "bin/install.sh"),
        ("sh install.sh", "install.sh"),
        ("sh ./install.sh", "install.sh"),
        ("/bin/bash -eu lib/../install.sh x", "install.sh"),
        ("bash -euo pipefail install.sh", "install.sh"),
        ("bash -o pipefail -e install.sh", "install.sh"),
        ("python3 migrate.py up", "migrate.py"),
        ("perl tools/x.pl", "tools/x.pl"),
        ("sh -c './install.sh'", None),
        ("bash -ec 'install.sh'", None),
        ("python3 -m migrate", None),
        ("python3 -u migrate.py", None),
        ("sh /opt/app/install.sh", None),
        ("sh $DIR/install.sh", None),
        ("sh ~/install.sh", None),
        ("sh < install.sh", None),
        ("sh", None),
        ("install.sh", None),
        ("echo 'unclosed", None),
        ("", None),
    ],
)
def test_the_script_of_a_command(command: str, script: str | None) -> None:
    assert named_script(command) == script


@pytest.mark.parametrize(
    ("text", "line", "programs"),
    [
        ("#!/bin/bash\nx", "/bin/bash", ("/bin/bash",)),
        ("#! /bin/bash -eu", "/bin/bash -eu", ("/bin/bash",)),
        ("#!/usr/bin/env python3\n", "/usr/bin/env python3", ("/usr/bin/env", "python3")),
        ("#!/usr/bin/env -S A=1 python3 -u\n", "/usr/bin/env -S A=1 python3 -u", ("/usr/bin/env", "python3")),
        ("#!\n", "", ()),
        ("\n#!/bin/bash", None, ()),
        ("echo '#!/bin/bash'", None, ()),
    ],
)
def test_what_a_first_line_names(text: str, line: str | None, programs: tuple[str, ...]) -> None:
    assert shebang(text) == line
    assert named_programs(line or "") == programs


def test_what_the_scripts_of_a_component_need() -> None:
    component = a_component(deploy="#!/usr/bin/env python3\nprint()", undo="./down.sh", current="cat version")
    snapshot = a_snapshot(components={"web": component}).model_copy(
        update={"scripts": (Script.of("down.sh", b"#!/bin/ksh\nexit 0\n"), Script.of("other.sh", b"#!/bin/zsh\n"))}
    )
    assert list(interpreters(snapshot, snapshot.plan.components["web"])) == [
        ("/usr/bin/env", "`deploy` of web"),
        ("python3", "`deploy` of web"),
        ("/bin/ksh", "./down.sh"),
    ]
