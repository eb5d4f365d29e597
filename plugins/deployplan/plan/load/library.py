"""The documents of one load, each read and judged once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast

from deployplan.plain_file import lies_there
from deployplan.plan.draft import Environment
from deployplan.plan.include import Include, document, documents_in
from deployplan.plan.load.calendar_file import with_calendars
from deployplan.plan.load.defaults import complete_infrastructure
from deployplan.plan.model.controls import Controls
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.model.script import Script, ScriptFile, read_script, script_files
from deployplan.plan.rules import INFRASTRUCTURE_RULES
from deployplan.plan.text.file_trace import Reads, note_all, trace_reads
from deployplan.plan.text.hidden import hidden_in_script
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.located import Located
from deployplan.plan.text.problem import Position, Problem
from deployplan.plan.text.validate import shape
from deployplan.plan.text.yaml_source import Source, read_yaml
from deployplan.printable import some_of

Problems = tuple[Problem, ...]
T = TypeVar("T")


@dataclass(slots=True)
class Library:
    """Reads each file of an include folder once."""

    include: Include
    _known: dict[tuple[str, str], tuple[object, Reads]] = field(default_factory=dict)

    def source(self, path: Path) -> Source:
        """Return what a file says."""
        return self._once("source", str(path), lambda: read_yaml(path, self._root_of(path)))

    def procedure(self, name: str, asked_at: Position) -> Source:
        """Return what a procedure says; its problems stand at `asked_at` when there is none of that name."""
        return self._named(self.include.procedures, name, "procedure", asked_at)

    def environment(self, name: str, asked_at: Position) -> tuple[Environment | None, Problems]:
        """Return an environment's infrastructure and what is wrong with it."""
        source = self._named(self.include.infrastructure, name, "environment", asked_at)
        tree = source.tree
        if tree is None:
            return None, source.problems
        return self._once("environment", name, lambda: _environment(name, source, tree, self.include.root))

    def controls(self, name: str) -> tuple[Controls, Problems]:
        """Return an environment's controls and what is wrong with them; without a file, the defaults."""
        path, there = self._file(self.include.controls, name)
        if not there:
            return Controls(), ()
        return self._once("controls", name, lambda: _controls(name, self.source(path)))

    def script_files(self, folder: Path) -> dict[str, ScriptFile]:
        """Return the scripts in a folder; that of a procedure serves many plans. Raises OSError as `script` does."""
        return self._once("scripts", str(folder), lambda: script_files(folder, self.include.root))

    def script(self, name: str, path: str) -> Script:
        """Return a script. Raises OSError when it cannot be read."""
        return self._once("script", f"{name}:{path}", lambda: read_script(name, path, self.include.root))

    def hidden_in(self, script: Script, path: str) -> Problems:
        """Return where a script, read from `path`, has characters that do not show."""
        return self._once("hidden", path, lambda: tuple(hidden_in_script(script.content, path)))

    def _root_of(self, path: Path) -> Path | None:
        """The root below which nothing is read through a link; a file elsewhere, named by hand, has its own folder."""
        return self.include.root if path.is_relative_to(self.include.root) else None

    def _once(self, kind: str, name: str, make: Callable[[], T]) -> T:
        """Return what was made before, and tell what that had looked at."""
        known = self._known.get((kind, name))
        if known is None:
            with trace_reads() as reads:
                made = make()
            self._known[kind, name] = made, reads
            return made
        note_all(known[1])
        return cast(T, known[0])

    def _file(self, folder: Path, name: str) -> tuple[Path, bool]:
        """Return the file of a document, and whether it is there and in its folder."""

        def look() -> tuple[Path, bool]:
            path = document(folder, name)
            return path, _is_plain(name) and lies_there(path, self.include.root)

        return self._once(f"file of {folder.name}", name, look)

    def _named(self, folder: Path, name: str, kind: str, asked_at: Position) -> Source:
        path, there = self._file(folder, name)
        if there:
            return self.source(path)
        if not _is_plain(name):
            return Source(str(path), None)
        names = documents_in(folder)
        known = f"; there are {some_of(names)}" if names else ""
        message = f"{kind} {name!r} has no file {path}{known}"
        return Source(str(path), None, (Problem.at(asked_at, f"{kind}-known", message, did_you_mean(name, names)),))


def _is_plain(name: str) -> bool:
    """Whether a name stays in its folder; one that does not is no name, and is reported as such."""
    return Path(name).name == name


def _environment(name: str, source: Source, tree: Located, root: Path) -> tuple[Environment | None, Problems]:
    tree = complete_infrastructure(tree)
    shaped = shape(Infrastructure, tree)
    problems = [*source.problems, *shaped.problems]
    if shaped.model is None:
        return None, tuple(problems)
    environment = Environment(with_calendars(shaped.model, Path(source.path).parent, root), tree)
    problems += _misnamed(shaped.model.environment, name, tree)
    problems += [problem for rule in INFRASTRUCTURE_RULES for problem in rule.check_environment(environment)]
    return environment, tuple(problems)


def _controls(name: str, source: Source) -> tuple[Controls, Problems]:
    if source.tree is None:
        return Controls(), source.problems
    shaped = shape(Controls, source.tree)
    model = shaped.model or Controls()
    return model, (*source.problems, *shaped.problems, *_misnamed(model.environment, name, source.tree))


def _misnamed(stated: str | None, name: str, tree: Located) -> Iterable[Problem]:
    if stated not in (None, name):
        message = f"the file is for environment {name!r} and says {stated!r}; the two are the same"
        yield Problem.at(tree.place("environment"), "file-name", message)
