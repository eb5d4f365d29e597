"""What a first plan or procedure does on its nodes: the scripts of a folder, or services of systemd."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from deployplan.cli.first.refusal import NotDrafted
from deployplan.plain_file import NotPlain
from deployplan.plan.model.script_folder import files_in

DEPLOY = ("deploy", "install", "up", "start")
UNDO = ("undo", "backout", "rollback", "restore", "down", "uninstall")
CURRENT = ("current", "version")
CHECK = ("check", "verify", "health", "smoke")
MOST_LETTERS = 60
_UNIT = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9_-]{0,59})(?P<template>@?)(?:\.service)?")


@dataclass(frozen=True, slots=True)
class FirstComponent:
    """A component as it is written: its commands, and what must hold on each node afterwards."""

    name: str
    deploy: str
    undo: str
    current: str | None
    check: str
    remarks: tuple[str, ...] = ()


def of_scripts(folder: Path, name: str) -> FirstComponent:
    """Return the component that a folder's scripts carry out, by their names; raises NotDrafted without both ways."""
    if not folder.is_dir():
        raise NotDrafted(f"there is no folder {folder}; name the one with the scripts")
    try:
        names = sorted(folder_scripts(folder))
    except NotPlain as error:
        raise NotDrafted(f"{folder} holds something that no node would get: {error}") from error
    taken = {role[0]: _first(names, role) for role in (DEPLOY, UNDO, CURRENT, CHECK)}
    for role in (DEPLOY, UNDO):
        if taken[role[0]] is None:
            wanted = ", ".join(f"{stem}.sh" for stem in role)
            raise NotDrafted(f"{folder} has no script to {role[0]}; its name would be one of {wanted}")
    rest = [each for each in names if each not in taken.values()]
    remarks = [f"not called by name here, and sent along to the nodes: {yaml_text(each)}" for each in rest]
    if taken["check"] is None:
        remarks.append("no check.sh was found: say below how one sees from outside that it works")
    return FirstComponent(
        short_name(name), _call(taken["deploy"]), _call(taken["undo"]), _call(taken["current"]) or None,
        _call(taken["check"]), tuple(remarks),
    )  # fmt: skip


def short_name(text: str) -> str:
    """Return a component's name made of a product's or a procedure's: what none may have becomes one `-`.

    Raises NotDrafted where nothing is left of it.
    """
    found = re.sub(r"[^A-Za-z0-9_-]+", "-", text).lstrip("-_")[:MOST_LETTERS].rstrip("-_")
    if not found:
        raise NotDrafted(f"no component can be named after {text!r}; it needs a letter from A to Z or a digit")
    return found


def folder_scripts(folder: Path) -> dict[str, str]:
    """Return the paths of the files in a folder, by name; raises NotPlain for what is neither a file nor a folder."""
    whole = folder.resolve()
    return files_in(str(whole), str(whole.parent)) or {}


def of_service(unit: str) -> FirstComponent:
    """Return the component that restarts a service, or starts the instance of a template for the version."""
    found = _UNIT.fullmatch(unit)
    if found is None:
        raise NotDrafted(f"{unit!r} is no service that can be written here; write web.service, or web@.service")
    name = found["name"]
    if found["template"]:
        now, before = f"{name}@$DEPLOYPLAN_VERSION.service", f"{name}@$DEPLOYPLAN_PREVIOUS.service"
        deploy = f"sudo -n systemctl stop {before} && sudo -n systemctl start {now}"
        undo = f"sudo -n systemctl stop {now} && sudo -n systemctl start {before}"
        return FirstComponent(name, deploy, undo, None, f"systemctl is-active --quiet {now}")
    return FirstComponent(
        name,
        f"sudo -n systemctl restart {name}.service",
        f"sudo -n systemctl restart {name}.service",
        None,
        f"systemctl is-active --quiet {name}.service",
        (
            "A restart alone brings no new version: put yours in place before it, and the previous one back in `undo`.",
            "$DEPLOYPLAN_VERSION and $DEPLOYPLAN_PREVIOUS tell which.",
        ),
    )


def yaml_text(value: str) -> str:
    """Return a text as it may stand in YAML, quoted where it must be, on one line."""
    if not value.isprintable():
        return json.dumps(value)
    return str(yaml.safe_dump(value, width=10**6, allow_unicode=True)).removesuffix("...\n").strip()


def _first(names: list[str], stems: tuple[str, ...]) -> str | None:
    for stem in stems:
        for name in names:
            if name in (stem, f"{stem}.sh", f"{stem}.py"):
                return name
    return None


def _call(name: str | None) -> str:
    return f"./{name}" if name else ""
