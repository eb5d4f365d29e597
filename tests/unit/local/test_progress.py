"""What the demo's terminal shows."""

import io
import re

from rich.console import Console

from deployplan.local.progress import progress_on
from deployplan.local.run_view import RunView, TaskView


def a_view(**states: str) -> RunView:
    tasks = tuple(TaskView(name.replace("__", "."), state) for name, state in states.items())
    return RunView("shop-4.3.0", tasks, {})


def test_a_pipe_gets_one_line_for_each_change_and_no_colour() -> None:
    file = io.StringIO()
    with progress_on(Console(file=file)) as progress:
        for state in ("running", "running", "success"):
            progress.show(a_view(deploy__arm=state))
        progress.say("web-1: [bold] is text, not colour")
    lines = [re.sub(r"^ *\d+ s  ", "", line) for line in file.getvalue().splitlines()]
    assert lines == [
        "shop-4.3.0 | deploy: active",
        "shop-4.3.0 | now: deploy.arm runs",
        "shop-4.3.0 | deploy: done",
        "web-1: [bold] is text, not colour",
    ]


def test_a_long_line_is_not_broken_in_a_pipe() -> None:
    file = io.StringIO()
    with progress_on(Console(file=file, width=40)) as progress:
        progress.say("x" * 200)
    assert file.getvalue().count("\n") == 1


def test_a_terminal_gets_a_board_with_every_phase_task_and_the_last_lines() -> None:
    file = io.StringIO()
    with progress_on(Console(file=file, force_terminal=True, width=100, height=40)) as progress:
        for number in range(30):
            progress.say(f"line {number}")
        progress.show(a_view(review__preflight="success", deploy__web__wave_1="running", outcome=""))
        file.truncate(0)
        progress.show(a_view(review__preflight="success", deploy__web__wave_1="failed", outcome="running"))
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", file.getvalue())
    for part in ("shop-4.3.0", "✔ preflight", "✘ web.wave_1", "● outcome", "now: outcome runs", "line 29"):
        assert part in shown
    assert "line 3\n" not in shown
