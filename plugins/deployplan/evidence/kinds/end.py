"""Kinds of entries at the end of a run."""

from typing import Annotated

from deployplan.evidence.event import Event


class OutcomeReached(Event, kind="outcome", line="outcome: {outcome}[ ({because})]"):
    """The final word on a run; a rerun may end otherwise."""

    outcome: Annotated[str, "the final word on the run"]
    because: Annotated[str | None, "the facts it rests on"] = None


class RunSealed(
    Event,
    kind="sealed",
    line="sealed after {entries} entries[, as nothing was heard of it when {abandoned_for} began]",
):
    """The evidence has ended."""

    entries: Annotated[int, "how many entries come before this one"]
    abandoned_for: Annotated[str | None, "the run that began when Airflow had ended this one without its outcome"] = (
        None
    )
