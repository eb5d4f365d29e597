"""Whose certificates are believed."""

import ssl
from functools import lru_cache


@lru_cache(maxsize=16)
def tls_of(ca: str | None) -> ssl.SSLContext:
    """The certificates of one authority, else the machine's own store, in which a company puts its own authority."""
    return ssl.create_default_context(cadata=ca)
