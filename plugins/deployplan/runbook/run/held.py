"""Did something stop for no other reason than that metrics gave no answer? Then only people say how it goes on."""

from collections.abc import Sequence
from typing import Protocol


class Stopped(Protocol):
    """What stopped, the criteria that did not hold, and those of them that told nothing."""

    @property
    def criteria(self) -> Sequence[str]: ...
    @property
    def no_answer(self) -> Sequence[str]: ...


def is_held(stopped: Stopped) -> bool:
    """Whether nothing has failed: each criterion that did not hold has told nothing."""
    return bool(stopped.no_answer) and set(stopped.criteria) <= set(stopped.no_answer)
