"""Machines and groups out of an Ansible inventory: by ansible-inventory, else a plain file that can be read wholly."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from deployplan.cli.first.refusal import NotDrafted

CARRIED = {"ansible_host": "host", "ansible_port": "port", "ansible_user": "user"}
TIMEOUT = 60
"""Seconds that ansible-inventory may take."""
MAX_BYTES = 4_000_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}")
_GROUP = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_SECTION = re.compile(r"\[(?P<group>[^\]:]+)(?::(?P<kind>vars|children))?\]")
_OWN = {"all", "ungrouped", "_meta"}


@dataclass(frozen=True, slots=True)
class ListedMachines:
    """Nodes with their address, port and user; groups; and what of the inventory was left out."""

    nodes: dict[str, dict[str, str | int]]
    groups: dict[str, tuple[str, ...]]
    left: tuple[str, ...] = ()


@dataclass(slots=True)
class _Group:
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    children: list[str] = field(default_factory=list)
    vars: dict[str, Any] = field(default_factory=dict)


def read_inventory(path: Path) -> ListedMachines:
    """Return the machines of an inventory; raises NotDrafted for one that cannot be read wholly."""
    if not path.is_file():
        raise NotDrafted(f"there is no file {path}; name an inventory")
    if program := shutil.which("ansible-inventory"):
        return _fleet(*_told_by(program, path))
    if os.access(path, os.X_OK):
        raise NotDrafted(f"{path} is a program, and ansible-inventory, which would run it, is not installed here")
    for beside in ("group_vars", "host_vars"):
        if (path.parent / beside).exists():
            raise NotDrafted(f"{path.parent / beside} may say more of the hosts: install ansible-inventory to read it")
    text = path.read_bytes()[: MAX_BYTES + 1]
    if len(text) > MAX_BYTES:
        raise NotDrafted(f"{path} has more than {MAX_BYTES} bytes")
    try:
        words = text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotDrafted(f"{path} is no text in UTF-8") from error
    groups = _of_yaml(words, path) if path.suffix in (".yml", ".yaml", ".json") else _of_ini(words, path)
    return _fleet(_host_facts(groups), {name: list(_members(groups, name, ())) for name in groups})


def _told_by(program: str, path: Path) -> tuple[dict[str, dict[str, Any]], dict[str, list[str]]]:
    try:
        done = subprocess.run(
            (program, "-i", str(path), "--list"), capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
        told = json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise NotDrafted(f"ansible-inventory did not tell what is in {path}: {error}") from error
    if not isinstance(told, dict):
        raise NotDrafted(f"ansible-inventory refuses {path}: {done.stderr.strip()[-500:]}")
    groups = {
        name: _Group({str(host): {} for host in entry.get("hosts", ())}, list(entry.get("children", ())))
        for name, entry in told.items()
        if name != "_meta" and isinstance(entry, dict)
    }
    members = {name: list(_members(groups, name, ())) for name in groups}
    facts = told.get("_meta", {}).get("hostvars", {})
    return {host: facts.get(host, {}) for hosts in members.values() for host in hosts}, members


def _of_yaml(text: str, path: Path) -> dict[str, _Group]:
    try:
        top = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise NotDrafted(f"{path} is not YAML: {error}") from error
    groups: dict[str, _Group] = {"all": _Group()}
    for name, body in _mapping(top, path, "the inventory").items():
        _add(groups, name, body, path)
    groups["all"].children += [name for name in groups if name != "all"]
    return groups


def _add(groups: dict[str, _Group], name: str, body: Any, path: Path) -> None:
    group = groups.setdefault(name, _Group())
    for key, value in _mapping(body, path, name).items():
        inside = _mapping(value, path, f"{name}.{key}")
        if key == "hosts":
            for host, facts in inside.items():
                for each in _expand(host):
                    group.hosts.setdefault(each, {}).update(_mapping(facts, path, host))
        elif key == "vars":
            group.vars.update(inside)
        elif key == "children":
            for child, below in inside.items():
                group.children.append(child)
                _add(groups, child, below, path)
        else:
            raise NotDrafted(f"{path}: group {name!r} has a key {key!r}; hosts, vars and children are understood")


def _mapping(value: Any, path: Path, of: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise NotDrafted(f"{path}: {of} is no mapping: {str(value)[:80]!r}")
    return {str(key): entry for key, entry in value.items()}


def _of_ini(text: str, path: Path) -> dict[str, _Group]:
    groups: dict[str, _Group] = {"all": _Group(), "ungrouped": _Group()}
    name, kind = "ungrouped", ""
    for number, line in enumerate(text.splitlines(), 1):
        try:
            words = shlex.split(line, comments=True) if kind != "vars" else [line.partition(" #")[0].strip()]
        except ValueError as error:
            raise NotDrafted(f"{path}:{number}: {error}: {line.strip()!r}") from error
        if not words or not words[0] or words[0].startswith((";", "#")):
            continue
        if section := _SECTION.fullmatch(line.partition("#")[0].strip()):
            name, kind = section["group"], section["kind"] or ""
            groups.setdefault(name, _Group())
        elif kind == "children":
            groups[name].children.append(words[0])
            groups.setdefault(words[0], _Group())
        elif kind == "vars":
            groups[name].vars.update([_assignment(words[0], path, number)])
        else:
            facts = dict(_assignment(word, path, number) for word in words[1:])
            for host in _expand(words[0]):
                groups[name].hosts.setdefault(host, {}).update(facts)
    groups["all"].children += [each for each in groups if each != "all"]
    return groups


def _assignment(word: str, path: Path, number: int) -> tuple[str, str]:
    key, equals, value = word.partition("=")
    if not equals:
        raise NotDrafted(f"{path}:{number}: {word!r} is no KEY=VALUE")
    return key.strip(), value.strip().strip("'\"")


def _expand(host: str) -> Iterator[str]:
    """Yield the hosts that `web[01:12].example` stands for."""
    found = re.fullmatch(r"([^\[\]]*)\[(\d{1,5}):(\d{1,5})\]([^\[\]]*)", host)
    if found is None:
        yield host
        return
    first, last = int(found[2]), int(found[3])
    width = len(found[2]) if found[2].startswith("0") else 0
    for number in range(first, last + 1):
        yield f"{found[1]}{number:0{width}d}{found[4]}"


def _members(groups: Mapping[str, _Group], name: str, above: tuple[str, ...]) -> dict[str, None]:
    """Return the hosts of a group and of those below it, each once, in order."""
    if name in above:
        raise NotDrafted(f"the group {name!r} is inside itself: {' > '.join((*above, name))}")
    group = groups.get(name, _Group())
    found = dict.fromkeys(group.hosts)
    for child in group.children:
        found |= _members(groups, child, (*above, name))
    return found


def _host_facts(groups: Mapping[str, _Group]) -> dict[str, dict[str, Any]]:
    """Return what is said of each host, as Ansible has it: of its groups, the deepest last, then of itself."""
    if any("ansible_group_priority" in group.vars for group in groups.values()):
        raise NotDrafted("ansible_group_priority orders the groups anew: install ansible-inventory to read that")
    inside = {name: _members(groups, name, ()) for name in groups}
    order = sorted(groups, key=lambda name: (_depth(groups, name), name))
    facts: dict[str, dict[str, Any]] = {host: {} for host in inside["all"]}
    for host, known in facts.items():
        for name in order:
            if host in inside[name]:
                known.update(groups[name].vars)
        for name in order:
            known.update(groups[name].hosts.get(host, {}))
    return facts


def _depth(groups: Mapping[str, _Group], name: str) -> int:
    parents = [each for each, group in groups.items() if name in group.children and each != name]
    return 1 + max((_depth(groups, parent) for parent in parents), default=-1)


def _fleet(facts: Mapping[str, Mapping[str, Any]], groups: Mapping[str, Sequence[str]]) -> ListedMachines:
    nodes: dict[str, dict[str, str | int]] = {}
    left: dict[str, None] = {}
    for host, known in facts.items():
        if not _NAME.fullmatch(host):
            raise NotDrafted(f"{host!r} is no name of a node: give it one, with ansible_host")
        nodes[host] = {"host": host}
        nodes[host].update({CARRIED[key]: _value(host, key, value) for key, value in known.items() if key in CARRIED})
        left |= dict.fromkeys(f"{key} of {host}" for key in known if key not in CARRIED)
    if not nodes:
        raise NotDrafted("the inventory has no host")
    kept = {name: tuple(hosts) for name, hosts in groups.items() if name not in _OWN and hosts}
    for name in groups:
        if name not in _OWN and (name not in kept or not _GROUP.fullmatch(name)):
            left[
                f"the group {name!r}, " + ("which is no name of a group here" if name in kept else "which is empty")
            ] = None
    return ListedMachines(nodes, {name: hosts for name, hosts in kept.items() if _GROUP.fullmatch(name)}, tuple(left))


def _value(host: str, key: str, value: Any) -> str | int:
    if "{{" in str(value) or not isinstance(value, str | int) or not str(value).strip():
        raise NotDrafted(f"{key} of {host} is {str(value)[:80]!r}, which is not written out; write the value itself")
    if key != "ansible_port":
        return str(value)
    if not str(value).isdecimal() or not 1 <= int(value) <= 65535:
        raise NotDrafted(f"ansible_port of {host} is {value!r}; a port is 1 to 65535")
    return int(value)
