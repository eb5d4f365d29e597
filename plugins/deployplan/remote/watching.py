"""Following a job's output frame by frame, so that a half-open line is noticed and no byte is lost or repeated."""

import asyncio
from collections.abc import AsyncIterator

from deployplan.remote.errors import NodeFault, Unreachable
from deployplan.remote.job import Chunk, JobFacts, JobState
from deployplan.remote.node_facts import read_jobs
from deployplan.remote.transport import KIBI, RemoteOutput, Result

# The node gives a sign of life every 5 s; 4 missing ones in a row are no accident.
SILENCE = 20.0
_PIECE = 64 * KIBI
_LONGEST_LINE = 4 * KIBI
_LONGEST_END = 1024 * KIBI
_LARGEST_FRAME = 16 * KIBI * KIBI


class Frames:
    """The node's output as lines and byte counts; bounded, whatever comes."""

    def __init__(self, node: str, output: RemoteOutput) -> None:
        self._node, self._output = node, output
        self._buffer = b""

    async def head(self, *, within: float) -> tuple[bytes, Result | None]:
        """What a start says before the frames begin; and how it ended, when it ended there.

        Raises Unreachable when it is not there within so many seconds, NodeFault when it is longer than 1 MiB.
        """
        try:
            async with asyncio.timeout(within):
                while b"\nW\n" not in self._buffer:
                    if len(self._buffer) > _LONGEST_END:
                        raise NodeFault(f"{self._node}: a start was answered with more than {_LONGEST_END} bytes")
                    if not await self.more(within):
                        return self._buffer, await self._output.wait()
        except TimeoutError:
            raise Unreachable(f"{self._node}: a start was not answered within {within:g} s") from None
        head, _, self._buffer = self._buffer.partition(b"\nW\n")
        return head + b"\n", None

    async def more(self, patience: float | None = None) -> bool:
        """Read on; False at the end. Raises Unreachable when nothing comes for so many seconds, else for SILENCE."""
        patience = SILENCE if patience is None else patience
        try:
            async with asyncio.timeout(patience):
                data = await self._output.read(_PIECE)
        except TimeoutError:
            raise Unreachable(f"{self._node}: no sign of life for {patience:g} s while watching a job") from None
        self._buffer += data
        return bool(data)

    async def line(self) -> str:
        while b"\n" not in self._buffer:
            if len(self._buffer) > _LONGEST_LINE:
                raise NodeFault(f"{self._node}: while watching a job it sent something that is no frame")
            if not await self.more():
                await self._broken_off()
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode(errors="replace")

    async def piece(self, limit: int) -> bytes:
        if not self._buffer and not await self.more():
            await self._broken_off()
        piece, self._buffer = self._buffer[:limit], self._buffer[limit:]
        return piece

    async def rest(self) -> bytes:
        while len(self._buffer) <= _LONGEST_END and await self.more():
            pass
        return self._buffer[:_LONGEST_END]

    async def _broken_off(self) -> None:
        result = await self._output.wait()
        if result.exit == 96:
            raise NodeFault(f"{self._node}: {result.complaint}")
        raise Unreachable(f"{self._node}: watching a job broke off (exit code {result.exit}): {result.complaint}")


async def watch(node: str, job_id: str, frames: Frames, offset: int) -> AsyncIterator[Chunk | JobFacts]:
    """Yield chunks of at most 64 KiB that follow each other without a gap, then the job's facts."""
    while (frame := (await frames.line()).split(" "))[0] != "E":
        if frame == ["H"]:
            continue
        if frame[0] != "D" or len(frame) != 3 or frame[1] != str(offset) or not frame[2].isdecimal():
            raise NodeFault(
                f"{node}: watching a job: expected output from byte {offset}, got {' '.join(frame)[:100]!r}"
            )
        length = int(frame[2][:18])
        if length > _LARGEST_FRAME:
            raise NodeFault(f"{node}: watching a job: a frame of {length} bytes; at most {_LARGEST_FRAME} are sent")
        while length:
            data = await frames.piece(min(length, _PIECE))
            yield Chunk(offset, data)
            offset, length = offset + len(data), length - len(data)
    yield _final(node, job_id, await frames.rest())


def _final(node: str, job_id: str, answer: bytes) -> JobFacts:
    if not answer.endswith(b"\nend\n"):
        raise Unreachable(f"{node}: watching a job broke off at its very end")
    for job in read_jobs(answer):
        if job.job_id == job_id and job.state.final:
            return job
        if job.job_id == job_id and job.state is JobState.CLAIMED:
            raise NodeFault(f"{node}: job {job_id} was claimed but never launched; start it again")
    raise Unreachable(f"{node}: watching job {job_id} ended while it runs")
