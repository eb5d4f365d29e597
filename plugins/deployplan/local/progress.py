"""The demo's progress: a live board in a terminal, plain lines anywhere else."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deployplan.local.run_view import PHASES, RunView, TaskView

_LINES_SHOWN = 12
_MARKS = {
    "success": ("✔", "green"),
    "failed": ("✘", "red"),
    "upstream_failed": ("✘", "red"),
    "skipped": ("–", "bright_black"),
    "": ("·", "bright_black"),
}
_PHASE_STYLES = {
    "active": "bold yellow",
    "done": "green",
    "failed": "red",
    "skipped": "bright_black",
    "": "bright_black",
}


class Progress(Protocol):
    """Who is told how a run goes."""

    def say(self, line: str) -> None:
        """Tell one thing that happened."""
        ...

    def show(self, view: RunView) -> None:
        """Show how the run looks now."""
        ...


class PlainProgress:
    """One line for each change: for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._phases: dict[str, str] = {}
        self._waiting: tuple[str, ...] = ()

    def say(self, line: str) -> None:
        self._console.print(Text(f"{time.monotonic() - self._began:4.0f} s  {line}"), soft_wrap=True)

    def show(self, view: RunView) -> None:
        for phase in PHASES:
            state = view.state_of(phase)
            if state and state != self._phases.get(phase):
                self.say(f"{view.plan} | {phase}: {state}")
                self._phases[phase] = state
        waiting = view.waiting()
        if waiting and waiting != self._waiting:
            self.say(f"{view.plan} | now: {', '.join(waiting)}")
        self._waiting = waiting


class LiveProgress:
    """A board that is drawn over itself: phases with their tasks, what the run waits for, the last lines."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._lines: list[str] = []
        self._view: RunView | None = None

    def say(self, line: str) -> None:
        self._lines = [*self._lines, line][-_LINES_SHOWN:]
        self._draw()

    def show(self, view: RunView) -> None:
        self._view = view
        self._draw()

    def _draw(self) -> None:
        self._live.update(self._board(), refresh=True)

    def _board(self) -> RenderableType:
        lines = [Text(line, style="bright_black", overflow="ellipsis", no_wrap=True) for line in self._lines]
        if self._view is None:
            return Group(*lines)
        waiting = Text("now: " + (", ".join(self._view.waiting()) or "-"), style="yellow")
        return Group(Text(self._view.plan, style="bold"), _phases(self._view), waiting, *lines)


@contextmanager
def progress_on(console: Console) -> Iterator[Progress]:
    """Progress for one run: live when the console is a terminal."""
    if not console.is_terminal:
        yield PlainProgress(console)
        return
    with Live(console=console, auto_refresh=False) as live:
        yield LiveProgress(live)


def _phases(view: RunView) -> Table:
    table = Table.grid(padding=(0, 2))
    for number, phase in enumerate(PHASES, start=1):
        tasks = Text(" ").join(_task(task) for task in view.phase(phase))
        table.add_row(Text(f"{number} {phase}", style=_PHASE_STYLES[view.state_of(phase)]), tasks)
    return table


def _task(task: TaskView) -> Text:
    mark, style = _MARKS.get(task.state, ("●", "yellow"))
    return Text(f"{mark} {task.name}", style=style)
