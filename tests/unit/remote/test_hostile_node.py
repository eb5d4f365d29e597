"""A node that lies, shouts or never stops can harm nobody but itself."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployplan.remote.command import Secret
from deployplan.remote.errors import LockHeld, RemoteError, Unreachable
from deployplan.remote.job import JobState
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import one_line, read_facts, read_jobs
from deployplan.remote.transport import RemoteOutput, Result, Transport
from deployplan.runbook.node.installed_release import brought_by, recorded_release
from deployplan.runbook.node.node_ledger import is_noted
from deployplan.runbook.node.node_story import node_story
from deployplan.testing import LocalTransport
from remote_builders import a_holder, a_job, end_all, processes, ran, until

ANY_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
ESCAPES = "\x1b[2J\x1b]0;owned\x07\r\n::error::web-2 | done\u2028\u202e"


class Answering:
    """A node that answers everything with the same bytes."""

    name = "web-1"

    def __init__(self, stdout: bytes, exit_code: int = 0) -> None:
        self._result = Result(exit_code, stdout)

    async def run(self, script: str, **_: object) -> Result:
        return self._result

    @asynccontextmanager
    async def stream(self, script: str, *, label: str = "stream") -> AsyncIterator[RemoteOutput]:
        yield cast(RemoteOutput, _Once(self._result))


class _Once:
    def __init__(self, result: Result) -> None:
        self._result, self._rest = result, result.stdout

    async def read(self, limit: int) -> bytes:
        piece, self._rest = self._rest[:limit], self._rest[limit:]
        return piece

    async def wait(self) -> Result:
        return self._result


def node_that_says(stdout: bytes, exit_code: int = 0) -> NodeClient:
    return NodeClient(cast(Transport, Answering(stdout, exit_code)))


FORGED = """../../../etc/passwd|..|/etc|0123456789ab-web-deploy-1/../../x|0123456789ab-web-deploy-1\x1b[2J
0123456789ab-$(id)-deploy-1|0123456789ab-web-deploy-0|0123456789ab-web-rm-1|0123456789ab-web-deploy-1;id"""


@pytest.mark.parametrize("name", [name for line in FORGED.split("\n") for name in line.split("|")])
async def test_a_job_with_a_forged_name_is_no_job(name: str) -> None:
    answer = f"now 1\nhome /\njob 1 {name}\nfile ./{name}/pid\n pid=1\nend\n".encode()
    assert read_jobs(answer) == ()
    assert (await node_that_says(answer).facts()).jobs == ()


async def test_what_a_node_says_of_another_job_ends_no_watch() -> None:
    other = "0123456789ab-web-deploy-2"
    answer = f"E\nnow 1\njob 0 {other}\nfile ./{other}/pid\n pid=1\nfile ./{other}/exit\n exit=0\nend\n".encode()
    with pytest.raises(Unreachable):
        async for _ in node_that_says(answer).watch(a_job().job_id):
            pass


async def test_a_refusal_can_neither_steer_a_terminal_nor_forge_a_line() -> None:
    text = f"state=held\nrun=r{ESCAPES}\nplan=p%1B%5B2J%0Aweb-2: well\nfrozen=%0D%0Awell\nwhy=%1B%5B2J%0Aforged"
    with pytest.raises(LockHeld) as refused:
        await node_that_says(text.encode(), 98).lock(a_holder())
    assert all(character.isprintable() for character in str(refused.value)), str(refused.value)


async def test_what_went_wrong_there_is_told_in_printable_characters() -> None:
    answer = Answering(b"", 96)
    answer._result = Result(96, b"", ESCAPES.encode() * 1000)
    with pytest.raises(RemoteError) as refused:
        await NodeClient(cast(Transport, answer)).facts()
    assert all(character.isprintable() for character in str(refused.value))
    assert len(str(refused.value)) < 2000


@given(st.text(max_size=200))
def test_a_shown_line_is_one_line_without_control_characters(text: str) -> None:
    line = one_line(text + ESCAPES)
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line
    assert "\u202e" not in line


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
KEYS = ("event", "product", "component", "version", "digest", "job", "run", "plan", "at", "by", "reason")


@given(st.lists(st.dictionaries(st.sampled_from(KEYS), JSON | st.just("installed") | st.just("shop")), max_size=4))
def test_a_ledger_of_wrong_types_is_read_without_harm(entries: list[dict[str, Any]]) -> None:
    lines = b"".join(b" " + json.dumps(entry).encode() + b"\n" for entry in entries)
    facts = read_facts(b"now 1\nhome /\nledger\n" + lines + b"\nend\n")
    assert facts is not None
    node_story(facts)
    assert recorded_release(facts.ledger, "shop", "web") is None or isinstance(
        recorded_release(facts.ledger, "shop", "web"), str
    )
    brought_by("d", facts.ledger, "shop", "web")
    is_noted(facts, "job")


@pytest.mark.parametrize("line", [b"[" * 100_000, b'{"n": ' + b"9" * 100_000 + b"}", b'"' + b"\\u0000" * 10_000])
def test_a_ledger_line_that_is_a_bomb_is_counted_and_no_more(line: bytes) -> None:
    facts = read_facts(b"now 1\nledger\n " + line + b'\n {"n": 1}\n\nend\n')
    assert facts is not None
    assert facts.ledger == ({"n": 1},)
    assert facts.ledger_unread == 1


async def test_values_of_a_node_are_never_run_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts with commands in every field, on a node that then is locked and worked on: nothing is evaluated."""
    monkeypatch.chdir(tmp_path)
    evil = "$(touch hacked)`touch hacked`'; touch hacked; '"
    home = tmp_path / "home"
    node = NodeClient(LocalTransport("web-1", home))
    try:
        await node.lock(a_holder(run=evil, plan=evil, controller=evil))
        await node.append_ledger({"run": evil, "event": evil})
        job = a_job("true", run=evil, generation=evil, controller=evil, env={"X": evil})
        assert (await ran(node, job))[1].generation == evil
        await node.mark_seen(job.job_id, evil)
        await node.freeze_lock(a_holder(run=evil, plan=evil), evil)
        facts = await node.facts()
        assert (facts.holder and facts.holder.frozen, facts.jobs[0].seen) == (evil, (evil,))
    finally:
        end_all(home)
    assert not [path for path in (tmp_path / "hacked", home / "hacked") if path.exists()]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(ANY_TEXT, min_size=4, max_size=4))
async def test_any_text_reaches_the_script_and_the_nodes_files_as_the_characters_it_is(
    texts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    plain, hidden, run, note = texts
    home = tmp_path_factory.mktemp("any") / "home"
    node = NodeClient(LocalTransport("web-1", home))
    run = f"r{run}"
    try:
        await node.lock(a_holder(run=run, plan=note))
        script = 'printf "%s" "$PLAIN" >plain; printf "%s" "$HIDDEN" >hidden'
        _, ended = await ran(node, a_job(script, run=run, env={"PLAIN": plain, "HIDDEN": Secret(hidden)}))
        await node.append_ledger({"run": run, "note": note})
        facts = await node.facts()
    finally:
        end_all(home)
    assert ended.state is JobState.DONE
    assert (home / "plain").read_bytes().decode() == plain
    assert (home / "hidden").read_bytes().decode() == hidden
    assert facts.holder is not None
    assert (facts.holder.run, facts.holder.plan) == (run, note)
    assert facts.ledger == ({"format": 2, "run": run, "note": note},)


async def test_a_secret_is_in_no_command_line_and_in_no_environment_but_the_scripts(
    held: NodeClient, home: Path
) -> None:
    await held.start(a_job("touch ready; sleep 632", env={"TOKEN": Secret("hunter2-once")}))
    await until((home / "ready").exists)
    folder = home / ".deployplan/jobs" / a_job().job_id
    runner = int((folder / "pid").read_text().split("\n")[0].removeprefix("pid="))
    pids = processes(home, a_job().job_id)
    assert runner in pids
    seen = {pid: Path(f"/proc/{pid}/environ").read_bytes() for pid in pids}
    assert b"hunter2-once" not in seen[runner]
    assert sum(b"hunter2-once" in environ for environ in seen.values()) == len(pids) - 1
    assert all(Path(f"/proc/{pid}/environ").stat().st_mode & 0o077 == 0 for pid in pids)
    assert not [pid for pid in pids if b"hunter2-once" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert (folder / "secret").read_bytes() == b""


@pytest.mark.parametrize(
    "more",
    [
        b"ledger\n" + b" {}\n" * 300_000,
        b"".join(b"job 0 0123456789ab-web-deploy-%d\n" % number for number in range(40_000)),
        b"job 0 0123456789ab-web-deploy-1\nfile ./0123456789ab-web-deploy-1/seen\n" + b" %41\n" * 300_000,
        b"logs\n" + b" 1 ./x\n" * 300_000,
    ],
    ids=["ledger", "jobs", "seen", "logs"],
)
def test_of_a_node_that_says_too_much_no_more_is_read_than_a_node_of_ours_would_say(more: bytes) -> None:
    facts = read_facts(b"now 1764489600\nhome /h\nbase /b\nfree 100\n" + more + b"end\n")
    assert facts is not None
    assert len(facts.ledger) + facts.ledger_unread <= 501
    assert len(facts.jobs) <= 10_000
    assert all(len(job.seen) <= 200 for job in facts.jobs)
