"""The same release by OpenSSH with xargs, by pyinfra and by Ansible: the command lines, and the files they need."""

import json
import os
import shlex
from pathlib import Path

from loopback.release import CHECK, HANDSHAKES, SCRIPT, Release

PROCESSES = 100
"""ssh processes at once; each holds its place for the whole second that the script takes."""


def openssh(release: Release, tools: Path | None) -> list[str]:
    """One ssh a node that does everything in one command: the least that OpenSSH can do, without a ControlMaster."""
    folder = Path(release.folder)
    steps = f"""cat >"$HOME/package.bin" &&
echo "{release.sha256}  $HOME/package.bin" | sha256sum -c --quiet && {{
{SCRIPT}}} && [ "$({CHECK})" = 2 ]"""
    options = (
        f"-F none -p {release.port} -i {release.key} -o UserKnownHostsFile={release.known_hosts} -o BatchMode=yes "
        "-o KexAlgorithms=curve25519-sha256 -o IdentitiesOnly=yes"
    )
    one = folder / "one.sh"
    one.write_text(
        f'#!/bin/sh\nssh {options} {release.user}@$2 {shlex.quote(steps)} <{release.package} | sed "s/^/$1 | /"\n'
    )
    one.chmod(0o755)
    listed = folder / "nodes"
    listed.write_text("".join(f"{name} {host}\n" for name, host in release.nodes.items()))
    return ["xargs", "-a", str(listed), "-P", str(PROCESSES), "-n", "2", str(one)]


def pyinfra(release: Release, tools: Path | None) -> list[str] | None:
    """pyinfra's own command line, all nodes at once as it does by default."""
    program = _program(tools, "pyinfra")
    if program is None:
        return None
    folder = Path(release.folder)
    shared = {
        "ssh_port": release.port,
        "ssh_user": release.user,
        "ssh_key": release.key,
        "ssh_known_hosts_file": release.known_hosts,
        "ssh_strict_host_key_checking": "yes",
    }
    hosts = [(host, {**shared, "home": f"{_homes(release)}/{name}"}) for name, host in release.nodes.items()]
    (folder / "inventory.py").write_text(f"hosts = {hosts!r}\n")
    verify = f'echo "{release.sha256}  $HOME/package.bin" | sha256sum -c --quiet'
    (folder / "deploy.py").write_text(
        f"""from pyinfra import host
from pyinfra.operations import files, server

files.put(name="package", src={release.package!r}, dest=host.data.home + "/package.bin")
server.shell(name="verify", commands=[{verify!r}])
server.shell(name="script", commands=[{SCRIPT!r}])
server.shell(name="check", commands=[{f'[ "$({CHECK})" = 2 ]'!r}])
"""
    )
    return [program, "-v", "-y", str(folder / "inventory.py"), str(folder / "deploy.py")]


def ansible(release: Release, tools: Path | None) -> list[str] | None:
    """ansible-playbook, with pipelining and without facts, as people tune it; its ssh masters' CPU is not seen."""
    program = _program(tools, "ansible-playbook")
    if program is None:
        return None
    folder = Path(release.folder)
    hosts = {name: {"ansible_host": host, "home": f"{_homes(release)}/{name}"} for name, host in release.nodes.items()}
    shared = {
        "ansible_port": release.port,
        "ansible_user": release.user,
        "ansible_ssh_private_key_file": release.key,
        "ansible_ssh_common_args": f"-F none -o UserKnownHostsFile={release.known_hosts}",
        "ansible_remote_tmp": "{{ home }}/.ansible",
    }
    (folder / "inventory.json").write_text(json.dumps({"all": {"hosts": hosts, "vars": shared}}))
    verify = f'echo "{release.sha256}  $HOME/package.bin" | sha256sum -c --quiet'
    tasks = [
        {"copy": {"src": release.package, "dest": "{{ home }}/package.bin"}},
        {"shell": verify},
        {"shell": SCRIPT},
        {"shell": f'[ "$({CHECK})" = 2 ]'},
    ]
    play = [{"hosts": "all", "gather_facts": False, "tasks": tasks}]
    (folder / "play.json").write_text(json.dumps(play))
    (folder / "ansible.cfg").write_text(
        f"[defaults]\nforks = {HANDSHAKES}\n[ssh_connection]\npipelining = True\ncontrol_path_dir = {folder}/cp\n"
    )
    return [
        "env",
        f"ANSIBLE_CONFIG={folder}/ansible.cfg",
        program,
        "-i",
        f"{folder}/inventory.json",
        f"{folder}/play.json",
    ]


def _homes(release: Release) -> Path:
    return Path(release.key).parent / "homes"


def _program(tools: Path | None, name: str) -> str | None:
    found = tools / "bin" / name if tools is not None else None
    return str(found) if found is not None and os.access(found, os.X_OK) else None
