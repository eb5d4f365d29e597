"""Who is in whose way: the sweep finds what comparing every pair finds."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_component, a_snapshot
from deployplan.lint.claims import Claim, claim_of, rivals
from deployplan.window.interval import Interval

NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(start: int, length: int) -> Interval:
    return Interval(NIGHT + start * HOUR, NIGHT + (start + length) * HOUR)


names = st.frozensets(st.sampled_from("abc"), max_size=2)
times = st.lists(st.builds(hours, st.integers(0, 8), st.integers(1, 4)), max_size=3)


@st.composite
def claims(draw: st.DrawFn) -> list[Claim]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        works_on, watches = draw(names), draw(names)
        environment = draw(st.sampled_from(["production", "staging"]))
        found.append(Claim(f"p{number}", environment, works_on, watches - works_on, tuple(draw(times))))
    return found


def want_a_time(one: Claim, other: Claim) -> bool:
    return any(mine.intersects(theirs) for mine in one.times for theirs in other.times)


@given(claims())
def test_rivals_are_those_that_share_a_node_and_a_time(claims: list[Claim]) -> None:
    expected = tuple(
        frozenset(
            number
            for number, other in enumerate(claims)
            if other is not one and one.shares_with(other) and want_a_time(one, other)
        )
        for one in claims
    )

    assert rivals(claims) == expected


@given(claims())
def test_whoever_is_in_my_way_has_me_in_his(claims: list[Claim]) -> None:
    found = rivals(claims)

    assert all(one in found[other] for one, others in enumerate(found) for other in others)


def test_openings_that_touch_do_not_overlap() -> None:
    one = Claim("one", "production", frozenset("a"), frozenset(), (hours(0, 2),))
    other = Claim("other", "production", frozenset("a"), frozenset(), (hours(2, 2),))

    assert rivals([one, other]) == (frozenset(), frozenset())


@pytest.mark.parametrize(
    ("criterion", "watched"),
    [
        ({"http": "http://{node}/", "on": "db-1"}, {"db-1"}),
        ({"http": "http://10.0.0.9:8080/health"}, {"db-1"}),
        ({"http": "http://DB-1/health"}, {"db-1"}),
        ({"http": "http://billing.example/health"}, set()),
        ({"http": "http://[nonsense/health"}, set()),
        ({"command": "./locks.sh", "on": ["db-1", "web-2"]}, {"db-1", "web-2"}),
        ({"http": "http://{node}/billing"}, set()),
    ],
)
def test_a_plan_watches_the_nodes_of_its_neighbours(criterion: dict[str, object], watched: set[str]) -> None:
    """What it watches on its own nodes it has anyway."""
    snapshot = a_snapshot(success={"billing": {**criterion, "neighbour": True}}, components={"web": a_component()})

    claim = claim_of(snapshot, [])

    assert (claim.works_on, claim.watches) == ({"web-1"}, watched)
