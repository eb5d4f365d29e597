"""What a node says is read as far as it makes sense, and never believed further."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployplan.remote.errors import NodeFault
from deployplan.remote.job import JobState
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import field_text, field_value, holder_text, read_facts, read_holder, read_jobs
from remote_builders import a_holder, a_job, ran

JOB = "0123456789ab-web-deploy-1"


def described(lives: int = 0, now: int = 1_000_000, **files: str) -> bytes:
    """What dp_describe prints for one job with these files."""
    names = "".join(f"file ./{JOB}/{name}\n" for name in files)
    texts = "".join(
        f"file ./{JOB}/{name}\n" + "".join(f" {line}\n" for line in text.split("\n") if line)
        for name, text in files.items()
    )
    return f"now {now}\njob {lives} {JOB}\n{names}{texts}logs\n      0 /dev/null\n   1234 ./{JOB}/log\n".encode()


CLAIM = "run=run-1\ngeneration=g1\nseq=7"
PID = "pid=55\nborn=1\nboot=b\nstarted=999000"


@pytest.mark.parametrize(
    ("answer", "state", "launched"),
    [
        (described(claim=CLAIM), JobState.CLAIMED, False),
        (described(), JobState.CLAIMED, False),
        (described(1, claim=CLAIM, pid=PID), JobState.RUNNING, True),
        (described(0, claim=CLAIM, pid=PID), JobState.LOST, True),
        (described(0, claim=CLAIM, pid=""), JobState.LOST, True),
        (described(0, claim=CLAIM, pid=PID, exit="exit=0\nended=999500"), JobState.DONE, True),
        (described(1, claim=CLAIM, pid=PID, exit="exit=0\nended=999500"), JobState.DONE, True),
        (described(0, claim=CLAIM, pid=PID, exit="exit=3\nended=999500"), JobState.FAILED, True),
        (described(0, claim=CLAIM, pid=PID, exit="exit=\n"), JobState.LOST, True),
        (described(0, claim=CLAIM, pid=PID, exit="exit=zero"), JobState.LOST, True),
        (described(0, claim=CLAIM, pid="pid=0"), JobState.TERMINATED, False),
        (described(1, claim=CLAIM, pid=PID, exit="terminated=999000\ngrace=1"), JobState.RUNNING, True),
        (described(0, claim=CLAIM, pid=PID, exit="terminated=999990\ngrace=1"), JobState.RUNNING, True),
        (described(0, claim=CLAIM, pid=PID, exit="terminated=999000\ngrace=1"), JobState.LOST, True),
        (
            described(0, claim=CLAIM, pid=PID, exit="terminated=1\ngrace=1", proof="at=5\tgone=1"),
            JobState.TERMINATED,
            True,
        ),
        (described(0, claim=CLAIM, pid=PID, exit="terminated=1\ngrace=1", proof="at=5\tgone=0"), JobState.LOST, True),
        (described(0, pid=PID, exit="terminated=1", proof="at=5\tgone=0\nat=6\tgone=1"), JobState.TERMINATED, True),
        (
            described(0, pid=PID, exit="terminated=1\nby=fence", proof="at=5\tgone=1\tlaunched=0"),
            JobState.TERMINATED,
            False,
        ),
    ],
)
def test_the_state_of_a_job_follows_from_its_files(answer: bytes, state: JobState, launched: bool) -> None:
    (job,) = read_jobs(answer)
    assert (job.state, job.launched) == (state, launched)
    assert job.log_bytes == 1234


def test_a_job_tells_its_times_and_who_asked() -> None:
    (job,) = read_jobs(described(claim=CLAIM, pid=PID, exit="exit=3\nended=999500", seen="g1\ng2\ng1"))
    assert (job.run, job.generation, job.seq, job.exit, job.seen) == ("run-1", "g1", 7, 3, ("g1", "g2"))
    assert job.started == datetime.fromtimestamp(999_000, UTC)
    assert job.ended == datetime.fromtimestamp(999_500, UTC)


@given(st.binary(max_size=400))
def test_no_answer_however_odd_harms_the_controller(noise: bytes) -> None:
    read_facts(noise)
    read_jobs(noise)
    whole = described(1, claim=CLAIM, pid=PID) + noise + b"\nend\n"
    facts = read_facts(whole)
    assert facts is None or len(facts.jobs) <= 1 + noise.count(b"job")


@given(st.text())
def test_any_text_stands_in_one_line_and_comes_back(text: str) -> None:
    line = field_text(text)
    assert not any(ord(character) < 32 for character in line)
    assert field_value(line) == text


@given(st.text(max_size=50), st.text(max_size=50), st.one_of(st.none(), st.text(max_size=50)))
def test_a_holder_is_read_as_it_was_written(plan: str, run: str, frozen: str | None) -> None:
    holder = a_holder(plan=plan, run=run, frozen=frozen)
    assert read_holder(holder_text(holder).split("\n")) == holder


def test_huge_numbers_and_times_are_not_believed() -> None:
    (job,) = read_jobs(described(claim="seq=" + "9" * 100, pid="pid=1\nstarted=" + "9" * 17))
    assert job.seq == 0
    assert job.launched


def test_an_answer_cut_short_is_no_answer() -> None:
    whole = b"home /h\n" + described(claim=CLAIM) + b"end\n"
    assert read_facts(whole) is not None
    for length in range(len(whole) - 4):
        assert read_facts(whole[:length]) is None


def test_a_folder_that_is_no_job_is_passed_over() -> None:
    assert read_jobs(b"now 1\njob 1 ../../etc\njob 1 x\njob 0 0123456789ab-web-deploy-01\n") == ()


async def test_facts_change_nothing_on_a_node_never_seen_before(node: NodeClient, home: Path) -> None:
    facts = await node.facts()
    assert list(home.iterdir()) == []
    assert (facts.jobs, facts.holder, facts.ledger, facts.writable) == ((), None, (), True)
    assert facts.base == str(home / ".deployplan")
    assert facts.detach == "setsid"


async def test_facts_of_a_node_full_of_rubbish_are_still_facts(held: NodeClient, home: Path) -> None:
    await ran(held, a_job("echo x"))
    base = home / ".deployplan"
    (base / "jobs" / "lost+found").mkdir()
    (base / "jobs" / "a b").mkdir()
    (base / "jobs" / "a b" / "pid").write_bytes(bytes(range(256)))
    (base / "jobs" / "ffffffffffff-web-deploy-1").mkdir()
    (base / "jobs" / "ffffffffffff-web-deploy-1" / "pid").write_text("pid=../../1\nborn=x\n")
    (base / "jobs" / "ffffffffffff-web-deploy-1" / "claim").write_bytes(b"seq=\xff\n" + b"y" * 100_000)
    (base / "ledger.jsonl").write_bytes(
        b"".join(json.dumps({"n": n}).encode() + b"\n" for n in range(2000)) + b"\xff\n"
    )
    facts = await held.facts()
    assert [job.job_id for job in facts.jobs] == ["ffffffffffff-web-deploy-1", a_job().job_id]
    assert facts.jobs[0].state is JobState.LOST
    assert [entry["n"] for entry in facts.ledger] == list(range(1501, 2000))
    assert facts.ledger_unread == 1


async def test_a_ledger_of_long_lines_is_read_from_where_it_fits(held: NodeClient, home: Path) -> None:
    lines = [json.dumps({"n": n, "x": "y" * 30_000}) for n in range(20)]
    (home / ".deployplan" / "ledger.jsonl").write_text("\n".join(lines) + "\n")
    facts = await held.facts()
    assert [entry["n"] for entry in facts.ledger] == list(range(12, 20))
    assert facts.ledger_unread == 0


async def test_a_base_dir_shared_by_two_nodes_is_refused(held: NodeClient, home: Path) -> None:
    await ran(held, a_job("echo once >>count"))
    claim = home / ".deployplan/jobs" / a_job().job_id / "claim"
    claim.write_text(claim.read_text().replace("host=", "host=other-"))
    with pytest.raises(NodeFault, match=r"was claimed on host other-.*: base_dir must be local to each node"):
        await held.start(a_job("echo once >>count"))


async def test_a_folder_claimed_for_something_else_is_refused(held: NodeClient, home: Path) -> None:
    await ran(held, a_job())
    with pytest.raises(NodeFault, match="was claimed for something else: digest=0123456789abdddd"):
        await held.start(a_job(digest="0123456789ab" + "d" * 52))


async def test_the_base_dir_may_be_anywhere(node: NodeClient, tmp_path: Path, home: Path) -> None:
    for number, base in enumerate((str(tmp_path / "a b'c"), "~/deep/er", "relative")):
        client = NodeClient(node.transport, base)
        await client.lock(a_holder())
        _, job = await ran(client, a_job(f"echo {number} >>runs"))
        assert job.state is JobState.DONE
    assert (home / "runs").read_text() == "0\n1\n2\n"
    assert (tmp_path / "a b'c" / "jobs").is_dir()
    assert (home / "deep/er/jobs").is_dir()
    assert (home / "relative/jobs").is_dir()


LATER = r"was written by a later version of deployplan; this one reads formats 1 and 2: work on this node with that"


async def test_a_ledger_of_a_later_format_is_refused_and_nothing_is_concluded_from_it(
    held: NodeClient, home: Path
) -> None:
    ledger = home / ".deployplan" / "ledger.jsonl"
    ledger.write_text('{"event": "installed"}\n{"format": 2, "event": "verified"}\n')
    assert len((await held.facts()).ledger) == 2
    ledger.write_text('{"format": 3, "event": "superseded"}\n')
    with pytest.raises(NodeFault, match=rf"its ledger \(format '3'\) {LATER}"):
        await held.facts()


async def test_a_job_of_a_later_format_is_refused_by_its_name(held: NodeClient, home: Path) -> None:
    await ran(held, a_job())
    claim = home / ".deployplan" / "jobs" / a_job().job_id / "claim"
    claim.write_text(claim.read_text().replace("format=2", "format=3"))
    with pytest.raises(NodeFault, match=rf"job {a_job().job_id} \(format '3'\) {LATER}"):
        await held.facts()


async def test_a_lock_of_a_later_format_is_refused(held: NodeClient, home: Path) -> None:
    lock = max((home / ".deployplan" / "lock").glob("holder.*"))
    lock.write_text(lock.read_text().replace("format=2", "format=10"))
    with pytest.raises(NodeFault, match=rf"its lock \(format '10'\) {LATER}"):
        await held.facts()
