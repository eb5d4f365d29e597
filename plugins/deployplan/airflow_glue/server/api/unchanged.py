"""An answer that a page asks for again and again: 304 without a body while it says the same."""

from __future__ import annotations

from typing import Any

from fastapi.responses import JSONResponse, Response

from deployplan.ui.tonight_json import etag_of


def answer_unless_unchanged(content: dict[str, Any], known: str | None) -> Response:
    """Return these JSON values with their ETag, or 304 where `known`, an `If-None-Match` header, has it."""
    tag = etag_of(content)
    return _unchanged(tag, known) or JSONResponse(content, headers=_headers(tag))


def made_unless_unchanged(body: bytes, tag: str, known: str | None) -> Response:
    """Return the same of JSON that was made before."""
    return _unchanged(tag, known) or Response(body, media_type="application/json", headers=_headers(tag))


def _unchanged(tag: str, known: str | None) -> Response | None:
    if known is None or tag not in {each.strip().removeprefix("W/") for each in known.split(",")}:
        return None
    return Response(status_code=304, headers=_headers(tag))


def _headers(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": "private, no-cache"}
