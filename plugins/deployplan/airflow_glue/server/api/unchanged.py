"""An answer that a page asks for again and again: 304 without a body while it says the same."""

from __future__ import annotations

from typing import Any

from fastapi.responses import JSONResponse, Response

from deployplan.ui.tonight_json import etag_of


def answer_unless_unchanged(content: dict[str, Any], known: str | None) -> Response:
    """Return these JSON values with their ETag, or 304 where `known`, an `If-None-Match` header, has it."""
    tag = etag_of(content)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if known is not None and tag in {each.strip().removeprefix("W/") for each in known.split(",")}:
        return Response(status_code=304, headers=headers)
    return JSONResponse(content, headers=headers)
