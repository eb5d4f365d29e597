"""What a node's lock says of its holder: which plan, which run of it, which generation, deploy or backout."""

import re
from dataclasses import dataclass

from deployplan.remote.node_facts import Holder

_TOKEN = re.compile(r"(?:(?P<plan>[^/]+)/)?(?P<run>.+)#(?P<number>[0-9]{1,9})(?P<backout>/backout)?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LockToken:
    """The word by which a controller may act on a node; written `PLAN/RUN#3` or `PLAN/RUN#3/backout`.

    Airflow's run ids are unique within a DAG only, so the plan is part of it: two plans that wait for the same window
    may have runs of one name.
    """

    plan: str
    run_id: str
    number: int
    backout: bool = False

    def __str__(self) -> str:
        return f"{self.series}#{self.number}{'/backout' if self.backout else ''}"

    @property
    def series(self) -> str:
        """What all generations of one run have in common."""
        return f"{self.plan}/{self.run_id}" if self.plan else self.run_id

    @property
    def turn(self) -> int:
        """Its place in the series: a generation's backout comes after its deploy, and before the next generation."""
        return 2 * self.number + self.backout

    @classmethod
    def parse(cls, text: str) -> "LockToken | None":
        """Read what a lock holds; None when it is no token of ours."""
        found = _TOKEN.match(text)
        if found is None:
            return None
        return cls(found["plan"] or "", found["run"], int(found["number"]), found["backout"] is not None)


def acts_for(token: str, holder: Holder | None) -> bool:
    """Whether who has this token may act in the holder's name: the same run holds the node, and in no later turn.

    What an earlier turn left behind may be ended and given back; what a later one does must not be disturbed.
    """
    mine, theirs = LockToken.parse(token), None if holder is None else LockToken.parse(holder.run)
    return mine is not None and theirs is not None and theirs.series == mine.series and theirs.turn <= mine.turn
