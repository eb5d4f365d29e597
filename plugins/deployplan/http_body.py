"""The body of an HTTP answer as it came over the wire: bounded, and never unpacked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deployplan.errors import DeployPlanError

if TYPE_CHECKING:
    import httpx


class PackedAnswer(DeployPlanError):
    """The body is packed, although it was asked for as it is."""


async def read_raw_body(response: httpx.Response, most: int) -> tuple[bytes, bool]:
    """Return at most so many bytes of a streamed answer's body, and whether that is all of it.

    A few bytes can unpack to gigabytes, so whoever asks says `Accept-Encoding: identity`. Raises PackedAnswer for an
    answer that states another coding all the same.
    """
    coding = response.headers.get("content-encoding", "")
    if any(each.strip().lower() not in ("", "identity") for each in coding.split(",")):
        raise PackedAnswer(f"the answer is packed (Content-Encoding: {coding[:40]!r}), and was asked for as it is")
    body = b""
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > most:
            return body[:most], False
    return body, True
