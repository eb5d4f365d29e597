"""What a lock says of its holder, and who may act in whose name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployplan.runbook.run.lock_token import LockToken, acts_for
from remote_builders import a_holder

NAMES = st.text(min_size=1, max_size=20)


@given(NAMES.filter(lambda name: "/" not in name), NAMES, st.integers(0, 10**8), st.booleans())
def test_a_token_is_read_as_it_was_written(plan: str, run_id: str, number: int, backout: bool) -> None:
    token = LockToken(plan, run_id, number, backout)
    assert LockToken.parse(str(token)) == token


def test_the_turns_of_a_run_are_deploy_backout_and_then_the_next_generation() -> None:
    order = [LockToken("shop", "r", number, backout) for number in (1, 2) for backout in (False, True)]
    assert [token.turn for token in order] == [2, 3, 4, 5]


@pytest.mark.parametrize("text", ["", "run-1", "shop/run-1", "shop/run-1#", "shop/run-1#x", "shop/run-1#1/undo"])
def test_what_is_no_token_is_nobodys(text: str) -> None:
    assert LockToken.parse(text) is None
    assert not acts_for(text, a_holder(run=text))


@pytest.mark.parametrize(
    ("token", "holder", "acts"),
    [
        ("shop/r#2", "shop/r#2", True),
        ("shop/r#2", "shop/r#1/backout", True),
        ("shop/r#2/backout", "shop/r#2", True),
        ("shop/r#2", "shop/r#2/backout", False),
        ("shop/r#2/backout", "shop/r#3", False),
        ("shop/r#2", "shop/s#1", False),
        ("shop/r#2", "bill/r#1", False),
    ],
)
def test_one_acts_for_an_earlier_turn_of_its_own_run_and_for_nobody_else(token: str, holder: str, acts: bool) -> None:
    assert acts_for(token, a_holder(run=holder)) is acts
