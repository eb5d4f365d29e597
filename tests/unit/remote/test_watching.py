"""What a watch makes of frames, good and bad, cut anywhere."""

from collections.abc import AsyncIterator, Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployplan.remote import watching
from deployplan.remote.errors import NodeFault, RemoteError, Unreachable
from deployplan.remote.job import Chunk, JobFacts, JobState
from deployplan.remote.transport import Result

JOB = "0123456789ab-web-deploy-1"
END = f"E\nnow 1\njob 0 {JOB}\nfile ./{JOB}/pid\n pid=1\nfile ./{JOB}/exit\n exit=0\nend\n".encode()


class Frames:
    """Output that arrives in given pieces, then ends."""

    def __init__(self, pieces: Iterable[bytes], exit_code: int = 0, stderr: bytes = b"") -> None:
        self._pieces = [piece for piece in pieces if piece]
        self._result = Result(exit_code, b"", stderr)

    async def read(self, limit: int) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    async def wait(self) -> Result:
        return self._result


def watched(frames: Frames, offset: int = 0) -> AsyncIterator[Chunk | JobFacts]:
    return watching.watch("web-1", JOB, watching.Frames("web-1", frames), offset)


async def seen(frames: Frames, offset: int = 0) -> tuple[bytes, JobFacts]:
    output = b""
    async for piece in watched(frames, offset):
        if isinstance(piece, JobFacts):
            return output, piece
        assert piece.offset == offset + len(output)
        output += piece.data
    raise AssertionError("no facts")


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=6), st.lists(st.integers(0, 400), max_size=8))
async def test_output_cut_anywhere_arrives_whole(texts: list[bytes], cuts: list[int]) -> None:
    sent, offset = b"", 100
    for text in texts:
        sent += b"H\nD %d %d\n" % (offset, len(text)) + text
        offset += len(text)
    sent += END
    at = sorted({min(cut, len(sent)) for cut in cuts} | {0, len(sent)})
    pieces = [sent[a:b] for a, b in pairwise(at)]
    output, job = await seen(Frames(pieces), 100)
    assert output == b"".join(texts)
    assert job.state is JobState.DONE


@pytest.mark.parametrize("length", range(len(b"D 0 3\nabcH\n" + END) - 1))
async def test_a_watch_that_breaks_off_anywhere_never_ends_in_a_result(length: int) -> None:
    with pytest.raises(Unreachable):
        await seen(Frames([(b"D 0 3\nabcH\n" + END)[:length]]))


@pytest.mark.parametrize(
    "frame",
    [
        b"D 5 3\nabc",
        b"D 0 -3\n",
        b"D 0 99999999999\n",
        b"D 0\n",
        b"X\n",
        b"\n",
        b"D 0 3 4\n",
        b"x" * 10_000,
        b"\xff\xfe\n",
    ],
)
async def test_what_is_no_frame_ends_the_watch_by_name(frame: bytes) -> None:
    with pytest.raises(NodeFault, match="web-1"):
        await seen(Frames([frame, END]))


async def test_an_end_without_end_is_bounded() -> None:
    with pytest.raises(RemoteError):
        await seen(Frames([b"E\n", *[b"x" * 65_536] * 100]))


async def test_a_node_that_cannot_says_why() -> None:
    with pytest.raises(NodeFault, match="web-1: there is no job x here"):
        await seen(Frames([], exit_code=96, stderr=b"there is no job x here\n"))


async def test_a_job_never_launched_is_not_watched_for_ever() -> None:
    with pytest.raises(NodeFault, match="was claimed but never launched; start it again"):
        await seen(Frames([f"E\nnow 1\njob 0 {JOB}\nfile ./{JOB}/claim\nend\n".encode()]))


async def test_a_chunk_is_never_large() -> None:
    big = b"x" * 300_000
    pieces = [piece async for piece in watched(Frames([b"D 0 300000\n" + big + END]))]
    assert max(len(piece.data) for piece in pieces if isinstance(piece, Chunk)) <= 65_536
