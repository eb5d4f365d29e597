"""A job that is started and watched in one remote command, and what is asked together with the facts."""

import asyncio
from pathlib import Path

import pytest

from deployplan.remote.errors import Fenced, NodeFault
from deployplan.remote.job import Chunk, JobFacts, JobSpec, JobState
from deployplan.remote.node_client import NodeClient
from remote_builders import a_job, sha256_of, until, watched

FIRST = "0123456789ab-web-deploy"


async def carried(client: NodeClient, job: JobSpec) -> tuple[JobFacts, bytes, JobFacts]:
    """Carry a job to its end: its facts as it was started, its output, its facts in the end."""
    output = b""
    async with client.carry(job) as (started, events):
        async for event in events:
            if isinstance(event, Chunk):
                output += event.data
            else:
                return started, output, event
    raise AssertionError("the watch ended without facts")


async def test_a_job_is_started_and_watched_to_its_end_in_one_command(held: NodeClient) -> None:
    started, output, ended = await carried(held, a_job("echo one; echo W; printf 'two\\nW\\n'; exit 3"))
    assert (started.job_id, started.launched) == (a_job().job_id, True)
    assert output == b"one\nW\ntwo\nW\n"
    assert (ended.state, ended.exit, ended.log_bytes) == (JobState.FAILED, 3, len(output))


async def test_a_job_that_was_started_before_is_found_and_its_output_comes_from_the_beginning(
    held: NodeClient, home: Path
) -> None:
    await held.start(a_job("echo run >>runs; echo said"))
    await watched(held, a_job().job_id)
    _, output, ended = await carried(held, a_job("echo run >>runs; echo said"))
    assert (output, ended.state) == (b"said\n", JobState.DONE)
    assert (home / "runs").read_text() == "run\n"


async def test_who_does_not_hold_the_node_starts_nothing(held: NodeClient, home: Path) -> None:
    with pytest.raises(Fenced, match=r"start:.* refused, the node is held by run run-1"):
        await carried(held, a_job("touch touched", run="run-2"))
    assert not [*(home / ".deployplan/jobs").iterdir()]


async def test_a_start_that_cannot_be_done_says_why(held: NodeClient, home: Path) -> None:
    (home / ".deployplan/jobs").rmdir()
    (home / ".deployplan/jobs").write_text("in the way")
    with pytest.raises(NodeFault, match=r"start:.* could not be done .*cannot make"):
        await carried(held, a_job("touch touched"))


async def test_who_leaves_the_watch_leaves_the_job(held: NodeClient, home: Path) -> None:
    async with held.carry(a_job("until [ -e go ]; do sleep 0.05; done; touch ended")) as (job, _):
        pass
    (home / "go").touch()
    await until((home / "ended").exists)
    assert (await watched(held, job.job_id))[1].state is JobState.DONE


async def test_a_survey_says_of_a_package_what_staging_would_ask_for(held: NodeClient, tmp_path: Path) -> None:
    package = tmp_path / "app.bin"
    package.write_bytes(b"x" * 100_000)
    sha = sha256_of(package)
    before = await held.survey(sha, "app.bin", first=FIRST)
    assert before.package == "need 0"
    staged = await held.stage(sha, "app.bin", package, found=before.package)
    assert staged.sent == 100_000
    after = await held.survey(sha, "app.bin", first=FIRST)
    assert after.package == f"have {staged.package_dir}"
    assert (await held.stage(sha, "app.bin", package, found=after.package)).sent == 0


async def test_bytes_that_were_changed_on_the_node_are_not_taken_for_the_package(
    held: NodeClient, home: Path, tmp_path: Path
) -> None:
    package = tmp_path / "app.bin"
    package.write_bytes(b"x" * 1000)
    sha = sha256_of(package)
    await held.stage(sha, "app.bin", package)
    (home / ".deployplan/packages" / sha[:16] / "bytes").write_bytes(b"y" * 1000)
    assert (await held.survey(sha, "app.bin", first=FIRST)).package == "need 0"


async def test_a_node_at_work_is_asked_for_no_package(held: NodeClient) -> None:
    await held.start(a_job("sleep 0.1"))
    facts = await held.survey("0" * 64, "app.bin", first=FIRST)
    assert (facts.package, len(facts.jobs)) == (None, 1)


async def test_the_ledger_speaks_of_a_job_once_however_often_it_is_told(held: NodeClient) -> None:
    entry = {"event": "installed", "job": a_job().job_id}
    other = a_job(attempt=2).job_id
    await held.append_ledger({"note": f'"job":"{a_job().job_id}"'}, run="run-1")  # a text, not the job of an entry
    for _ in range(2):
        await held.append_ledger(entry, run="run-1", once_for_job=a_job().job_id)
    await held.append_ledger(entry | {"job": other}, run="run-1", once_for_job=other)
    ledger = (await held.facts()).ledger
    assert [line.get("job") for line in ledger] == [None, a_job().job_id, other]


async def test_many_who_tell_the_ledger_of_one_job_at_once_leave_a_whole_file(held: NodeClient) -> None:
    entry = {"event": "installed", "job": a_job().job_id}
    telling = (held.append_ledger(entry, run="run-1", once_for_job=a_job().job_id) for _ in range(5))
    await asyncio.gather(*telling)
    facts = await held.facts()
    assert facts.ledger_unread == 0
    assert {line["job"] for line in facts.ledger} == {a_job().job_id}
