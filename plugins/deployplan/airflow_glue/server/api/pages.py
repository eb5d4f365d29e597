"""Pages that need no script: how a browser is told to treat them."""

from __future__ import annotations

from fastapi.responses import HTMLResponse, Response

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def html_page(page: str, status: int = 200) -> Response:
    """The page as an answer."""
    return HTMLResponse(page, status, HEADERS)
