"""`deployplan new`: files that somebody begins with."""

import re
import shutil
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from deployplan.cli.first.components import FirstComponent, folder_scripts, of_scripts, of_service
from deployplan.cli.first.inventory import ListedMachines, read_inventory
from deployplan.cli.first.refusal import NotDrafted
from deployplan.cli.first.texts import PlanAnswers, environment_text, plan_text, procedure_text
from deployplan.cli.options import DEFAULT_INCLUDE, IncludeFolder
from deployplan.cli.render import fail, render_problems
from deployplan.cli.schema import schema_text
from deployplan.clock import SystemClock
from deployplan.lint.known import Known
from deployplan.lint.runner import lint
from deployplan.places import folder_with_include
from deployplan.plan.include import Include
from deployplan.plan.text.yaml_source import parse_yaml

app = typer.Typer(help="Write a first plan, procedure or environment.", no_args_is_help=True)
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the files, write none.")]
Name = Annotated[str, typer.Argument(help="What it is called; the file is called so too.")]
Scripts = Annotated[
    Path | None, typer.Option("--scripts", help="Folder with deploy.sh, undo.sh, perhaps check.sh and current.sh.")
]
Services = Annotated[
    list[str] | None, typer.Option("--systemd", help="A service, as web.service or web@.service; several times.")
]
Authority = Annotated[
    list[str] | None, typer.Option("--authority", help="Who approves, as `mia=deployment manager`; several times.")
]
Nodes = Annotated[str, typer.Option("--nodes", help="A node, or group:NAME.")]
Zone = Annotated[str, typer.Option("--timezone", help="IANA time zone of the wall times.")]
WINDOW_AHEAD = timedelta(days=7)
T = TypeVar("T")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}")


@app.command()
def environment(
    name: Name,
    connection: Annotated[str, typer.Option(help="SSH connection of Airflow, as ssh_prod.")] = "",
    timezone: Zone = "UTC",
    node: Annotated[list[str] | None, typer.Option(help="A node, as web-1=10.0.0.11; several times.")] = None,
    group: Annotated[list[str] | None, typer.Option(help="A group, as web=web-1,web-2; several times.")] = None,
    from_ansible: Annotated[
        Path | None, typer.Option("--from-ansible", help="Inventory whose hosts, groups, ports and users are taken.")
    ] = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    dry_run: DryRun = False,
) -> None:
    """Write include/infrastructure/NAME.yaml. Asks at a terminal for what no option says.

    Exit code 0: written; 2: wrong usage, or a file of that name is there, and nothing was written.

    Examples: deployplan new environment production --node web-1=10.0.0.11 --group web=web-1;
    deployplan new environment production --from-ansible inventory.yml
    """
    _check(name)
    connection = _asked("--connection", "SSH connection of Airflow", connection, f"ssh_{name}")
    if from_ansible:
        fleet = _or_fail(lambda: read_inventory(from_ansible))
    else:
        pairs = node or _asked("--node", "Nodes, as web-1=10.0.0.11 web-2=10.0.0.12", "").split()
        nodes: dict[str, dict[str, str | int]] = {
            key: {"host": value or key} for key, _, value in (pair.partition("=") for pair in pairs)
        }
        groups = {key: tuple(value.split(",")) for key, _, value in (pair.partition("=") for pair in group or ())}
        fleet = ListedMachines(nodes, groups)
    for remark in fleet.left:
        typer.echo(f"not carried: {remark}", err=True)
    if wrong := [each for each in (*fleet.nodes, *fleet.groups) if not _NAME.fullmatch(each)] or not fleet.nodes:
        fail(f"{wrong if fleet.nodes else 'nothing'} names no node or group", "write --node web-1=10.0.0.11")
    folder = _folder(include)
    text = environment_text(name, connection, timezone, fleet)
    _write(folder, {folder.infrastructure / f"{name}.yaml": text}, "infrastructure", dry_run)


@app.command()
def procedure(
    name: Name,
    scripts: Scripts = None,
    systemd: Services = None,
    nodes: Nodes = "",
    authority: Authority = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    dry_run: DryRun = False,
) -> None:
    """Write include/procedures/NAME.yaml, and the scripts beside it: what is the same at each release.

    Exit code 0: written; 2: wrong usage, or a file of that name is there, and nothing was written.

    Examples: deployplan new procedure shop --systemd web.service --nodes group:web --authority mia=manager;
    deployplan new procedure shop --scripts ./release --dry-run
    """
    _check(name)
    parts = _parts(name, scripts, systemd)
    place = _asked("--nodes", "Where does it run (a node, or group:NAME)", nodes)
    people = _authorities(authority)
    folder = _folder(include)
    files: dict[Path, str | Path] = {folder.procedures / f"{name}.yaml": procedure_text(parts, place, people)}
    _write(folder, files | _copies(scripts, folder.procedures / name), "procedure", dry_run)


@app.command()
def plan(
    name: Name,
    environment: Annotated[str, typer.Option(help="An environment of include/infrastructure/.")] = "",
    author: Annotated[str, typer.Option(help="Who owns the plan; may not approve it.")] = "",
    product: Annotated[str, typer.Option(help="What is released.")] = "",
    version: Annotated[str, typer.Option(help="The version that goes live.")] = "",
    previous: Annotated[str, typer.Option(help="The version that is there now.")] = "",
    summary: Annotated[str, typer.Option(help="The release in one sentence.")] = "",
    opens: Annotated[str, typer.Option(help="When the window opens; without it, 22:00 in a week.")] = "",
    closes: Annotated[str, typer.Option(help="When it closes; without it, four hours later.")] = "",
    timezone: Zone = "UTC",
    follows: Annotated[str, typer.Option(help="A procedure of include/procedures/ that says the work.")] = "",
    scripts: Scripts = None,
    systemd: Services = None,
    nodes: Nodes = "",
    authority: Authority = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    dry_run: DryRun = False,
) -> None:
    """Write include/plans/NAME.yaml, and the scripts beside it; lints it. Asks at a terminal for what no option says.

    Exit code 0: written; 1: written, and lint found mistakes, which are printed; 2: wrong usage, or a file of that
    name is there, and nothing was written.

    Examples: deployplan new plan shop-2.1 --systemd web.service --nodes group:web --environment production;
    deployplan new plan shop-2.1 --follows shop --dry-run
    """
    _check(name)
    begins, ends = _window(opens, closes)
    for option, written in (("--opens", begins), ("--closes", ends)):
        _moment(option, written)
    answers = PlanAnswers(
        name=name,
        environment=_asked("--environment", "Environment", environment),
        author=_asked("--author", "Who owns the plan (a name of the users file)", author),
        product=_asked("--product", "What is released", product),
        version=_asked("--version", "Version that goes live", version),
        previous=_asked("--previous", "Version that is there now", previous),
        summary=_asked("--summary", "The release in one sentence", summary),
        opens=begins,
        closes=ends,
        timezone=timezone,
        follows=follows or None,
    )
    if follows and (scripts or systemd or nodes or authority):
        fail("--follows says that a procedure does the work", "leave out --scripts, --systemd, --nodes and --authority")
    parts = [] if follows else _parts(answers.product, scripts, systemd)
    place = "" if follows else _asked("--nodes", "Where does it run (a node, or group:NAME)", nodes)
    people = {} if follows else _authorities(authority)
    folder = _folder(include)
    path = folder.plans / f"{name}.yaml"
    files: dict[Path, str | Path] = {path: plan_text(answers, parts, place, people)}
    _write(folder, files | ({} if follows else _copies(scripts, folder.plans / name)), "plan", dry_run)
    problems = [] if dry_run else lint(folder, [path], Known(SystemClock().now(), None, ""))
    if problems:
        typer.echo(render_problems(problems, "text"))
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(1)


def _asked(option: str, question: str, given: str, default: str | None = None) -> str:
    """What the option says, else what the person at the terminal answers."""
    if given:
        return given
    if not sys.stdin.isatty():
        fail(f"{option} is missing, and nobody is at a terminal to be asked", f"write {option} …")
    return str(typer.prompt(question, default=default, err=True))


def _authorities(given: list[str] | None) -> dict[str, str]:
    pairs = given or [_asked("--authority", "Who approves, as `mia=deployment manager`", "")]
    return {name: role or "authority" for name, _, role in (pair.partition("=") for pair in pairs)}


def _parts(name: str, scripts: Path | None, services: list[str] | None) -> list[FirstComponent]:
    if scripts and services:
        fail("--scripts and --systemd together say two ways to deploy", "write one of them")
    if scripts:
        return [_or_fail(lambda: of_scripts(scripts, name))]
    named = services or _asked("--systemd", "Services of systemd that are released, as web.service", "").split()
    return _or_fail(lambda: [of_service(unit) for unit in named])


def _or_fail(make: Callable[[], T]) -> T:
    try:
        return make()
    except NotDrafted as error:
        fail(str(error))


def _window(opens: str, closes: str) -> tuple[str, str]:
    day = SystemClock().now().astimezone(UTC).date() + WINDOW_AHEAD
    begins = opens or f"{datetime.combine(day, time(22)):%Y-%m-%d %H:%M}"
    return begins, closes or f"{_moment('--opens', begins) + timedelta(hours=4):%Y-%m-%d %H:%M}"


def _moment(option: str, written: str) -> datetime:
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        fail(f"{option} {written!r} is no time", "write it as 2030-11-27 22:00")


def _check(name: str) -> None:
    if not _NAME.fullmatch(name):
        fail(f"{name!r} is no name", "a name is letters, digits, dots, - and _, and begins with a letter or digit")


def _folder(include: Path) -> Include:
    """The include folder, here or above; one that is not there yet comes to be with the first file."""
    above = None if include != DEFAULT_INCLUDE or include.is_dir() else folder_with_include()
    return Include(above / include if above else include)


def _copies(scripts: Path | None, folder: Path) -> dict[Path, str | Path]:
    found = folder_scripts(scripts) if scripts else {}
    return {folder / name: Path(path) for name, path in found.items()}


def _write(folder: Include, files: Mapping[Path, str | Path], kind: str, dry_run: bool) -> None:
    """Write the files, unless one of them is there already: nothing is ever written over."""
    for path in files:
        twin = path.with_suffix(".yml")
        if path.exists() or path.is_symlink() or (path.suffix == ".yaml" and twin.exists()):
            fail(f"{path} is there already, and nothing is written over it", "choose another name, or move it away")
    for path, content in files.items():
        if isinstance(content, str):
            _judge(path, content)
    schema = folder.root / "schema" / f"{kind}.schema.json"
    for path, content in files.items():
        if dry_run:
            typer.echo(_printed(path, content))
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content.encode() if isinstance(content, str) else content.read_bytes())
        if isinstance(content, Path):
            shutil.copymode(content, path)
        typer.echo(str(path))
    if not dry_run and not schema.exists():
        schema.parent.mkdir(parents=True, exist_ok=True)
        schema.write_text(schema_text(kind), encoding="utf-8")
        typer.echo(str(schema))


def _judge(path: Path, text: str) -> None:
    """End with exit code 2, before any file is written, when a draft is no YAML."""
    problems = parse_yaml(text, str(path)).problems
    if problems:
        fail(f"the draft is no YAML: {problems[0]}", "write names and texts without special characters")


def _printed(path: Path, content: str | Path) -> str:
    return f"# {path}\n{content}" if isinstance(content, str) else f"# {path}: as {content} is"
