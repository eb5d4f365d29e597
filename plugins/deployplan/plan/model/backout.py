"""When and how the previous release comes back: the Backout Plan."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from deployplan.plan.text.scalars import Day, Duration, PositiveDuration, Text
from deployplan.plan.text.strict import ShortName, Strict

Decision = Literal["automatic", "ask"]


class Tested(Strict):
    """The proof that the backout of this release was tried."""

    environment: Text = Field(description="environment in which it was tried")
    at: Day = Field(description="day on which it was tried")
    duration: Duration | None = Field(None, description="how long it took; absent: not measured")
    evidence: Text | None = Field(None, description="URL of the log; absent: none")


class Backout(Strict):
    """What calls for a backout, who decides, how long it takes."""

    when: dict[ShortName, Decision] = Field(
        {},
        description="who decides when a criterion failed; a name that is absent: automatic",
    )
    authority: tuple[Text, ...] = Field(
        (), description="user ids that may decide; absent: the authorities of `approval`"
    )
    on_silence: Literal["back_out", "wait"] = Field("back_out", description="what happens when nobody decides in time")
    decide_within: PositiveDuration = Field(
        timedelta(minutes=15),
        description="how long a decision may take, or wait when people say so; never longer than a backout still fits",
    )
    expected_duration: PositiveDuration | None = Field(None, description="how long a backout takes; absent: not stated")
    until: Duration = Field(
        timedelta(hours=24),
        description="how long after success people may still ask for a backout: `deployplan backout`",
    )
    tested: Tested | None = Field(None, description="when and where the backout was tried; absent: not tested")

    def decision(self, name: str) -> Decision:
        """Return who decides when the criterion `name` has failed, or `deploy`, which older plans say here."""
        return self.when.get(name, "automatic")
