"""Where the Airflow side finds its documents, its records and its signing key."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from deployplan.errors import DeployPlanError
from deployplan.places import CHECKOUT
from deployplan.plan.include import Include

if TYPE_CHECKING:
    from deployplan.evidence.record import Records

HANDOVER_AFTER = 60.0


class NotConfigured(DeployPlanError):
    """A setting is missing or cannot be used; the message names the variable."""


@dataclass(frozen=True)
class Settings:
    """The environment variables that the Airflow side reads (docs/reference/settings.md)."""

    include: Path
    records: str
    key_file: Path
    cache: Path | None = None
    handover_after: float = HANDOVER_AFTER
    """Seconds that a wave may hold a worker slot; a longer one goes on in the triggerer, where waiting costs none."""

    def documents(self) -> Include:
        """The five documents' folders."""
        return Include(self.include)

    def record_store(self) -> "Records":
        """The record store; a local folder or any fsspec URL."""
        from upath import UPath

        from deployplan.evidence.record import Records

        try:
            key = self.signing_key()
        except NotConfigured:  # who records, or decides by what is recorded, asks for the key and is told
            key = None
        return Records(UPath(self.records), key=key)

    def signing_key(self) -> bytes:
        """The key that signs evidence and approvals.

        Raises NotConfigured when it cannot be read: without it no approval could be believed.
        """
        try:
            key = self.key_file.read_bytes().strip()
        except OSError as error:
            raise NotConfigured(
                f"signing key {self.key_file} cannot be read ({error.strerror}); "
                "`make up` writes one, or name yours in DEPLOYPLAN_SIGNING_KEY_FILE"
            ) from error
        if len(key) < 32:
            raise NotConfigured(f"signing key {self.key_file} has {len(key)} bytes; at least 32 are needed")
        return key


@cache
def settings() -> Settings:
    """Read the environment once a process. Raises NotConfigured when a variable is missing or cannot be used."""
    home = Path(os.environ.get("AIRFLOW_HOME", "~/airflow")).expanduser()
    return Settings(
        include=_include(os.environ.get("DEPLOYPLAN_INCLUDE")),
        records=os.environ.get("DEPLOYPLAN_RECORDS") or str(home / "records"),
        key_file=Path(os.environ.get("DEPLOYPLAN_SIGNING_KEY_FILE") or home / "signing.key"),
        cache=_cache(os.environ.get("DEPLOYPLAN_CACHE"), home),
        handover_after=_seconds("DEPLOYPLAN_HANDOVER_AFTER", HANDOVER_AFTER),
    )


def _include(stated: str | None) -> Path:
    """The folder of documents; outside a checkout it must be named, as an Airflow process may work in any folder."""
    if stated:
        return Path(stated)
    if CHECKOUT is None:
        raise NotConfigured(
            "DEPLOYPLAN_INCLUDE is not set, and deployplan is installed outside of a checkout; "
            "name the folder that has plans/ and infrastructure/ in it, such as /srv/release/include"
        )
    return CHECKOUT / "include"


def _seconds(variable: str, otherwise: float) -> float:
    stated = os.environ.get(variable)
    if not stated:
        return otherwise
    try:
        seconds = float(stated)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:
        raise NotConfigured(
            f"{variable} is {stated!r}; it is a number of seconds from 0 to 86400, such as {otherwise:g}"
        )
    return seconds


def _cache(stated: str | None, home: Path) -> Path | None:
    """Where outlines of unchanged plans are kept; nowhere when the variable is there and empty."""
    if stated is None:
        return home / "cache" / "plans"
    return Path(stated) if stated else None
