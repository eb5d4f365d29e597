from dataclasses import dataclass
from typing import Any

import pytest

from deployplan.checks.command_check import judge_output
from deployplan.checks.reading import Answer, as_fail, as_pass, as_unknown
from deployplan.plan.model.criterion_shapes import CommandExpect


@dataclass
class Ended:
    exit: int | None = 0
    stdout: bytes = b""
    stderr: bytes = b""


def expecting(**keys: Any) -> CommandExpect:
    return CommandExpect.model_validate(keys)


def test_exit_0_passes_by_default() -> None:
    assert judge_output(CommandExpect(), Ended()) == as_pass("exit 0")


def test_what_it_printed_is_shown() -> None:
    assert judge_output(CommandExpect(), Ended(stdout=b"3 locks\n")) == as_pass("exit 0, printed '3 locks'")


def test_another_exit_code_fails_and_says_what_the_command_complained_about() -> None:
    ended = Ended(exit=2, stderr=b"orders table\nis locked\n")
    assert judge_output(CommandExpect(), ended) == as_fail("exit 2, expected 0: orders table is locked")


def test_any_exit_code_may_be_the_expected_one() -> None:
    assert judge_output(expecting(exit=3), Ended(exit=3)).answer is Answer.PASS


@pytest.mark.parametrize("code", [126, 127])
def test_a_probe_that_never_ran_is_unknown(code: int) -> None:
    assert judge_output(CommandExpect(), Ended(exit=code)).answer is Answer.UNKNOWN


def test_a_probe_that_never_ran_says_so() -> None:
    ended = Ended(exit=127, stderr=b"sh: ./locks.sh: not found")
    assert judge_output(CommandExpect(), ended) == as_unknown(
        "the command was not found (exit 127): sh: ./locks.sh: not found"
    )


@pytest.mark.parametrize("code", [130, 137, 143])
def test_a_probe_that_was_killed_is_unknown(code: int) -> None:
    assert judge_output(CommandExpect(), Ended(exit=code)).answer is Answer.UNKNOWN


@pytest.mark.parametrize("code", [None, -1])
def test_no_exit_code_is_unknown(code: int | None) -> None:
    assert judge_output(CommandExpect(), Ended(exit=code)).answer is Answer.UNKNOWN


def test_the_whole_output_is_compared_but_for_blanks_at_its_ends() -> None:
    assert judge_output(expecting(stdout="ready"), Ended(stdout=b"  ready\n")).answer is Answer.PASS
    assert judge_output(expecting(stdout="ready"), Ended(stdout=b"not ready\n")) == as_fail(
        "printed 'not ready', expected 'ready'"
    )


@pytest.mark.parametrize(
    ("keys", "printed", "answer"),
    [
        ({"stdout_max": 5}, b"5\n", Answer.PASS),
        ({"stdout_max": 5}, b"5.01", Answer.FAIL),
        ({"stdout_min": 1}, b"1", Answer.PASS),
        ({"stdout_min": 1}, b"0", Answer.FAIL),
        ({"stdout_min": 1, "stdout_max": 5}, b"-3e2", Answer.FAIL),
        ({"stdout_min": 1, "stdout_max": 5}, b"3", Answer.PASS),
        ({"stdout_max": 5}, b"", Answer.UNKNOWN),
        ({"stdout_max": 5}, b"nan", Answer.UNKNOWN),
        ({"stdout_min": 5}, b"inf", Answer.UNKNOWN),
        ({"stdout_max": 5}, b"1_0", Answer.UNKNOWN),
        ({"stdout_max": 5}, b"1e999", Answer.UNKNOWN),
        ({"stdout_max": 5}, b"3 locks", Answer.UNKNOWN),
        ({"stdout_max": 5}, b"3\n4", Answer.UNKNOWN),
    ],
)
def test_a_number_is_judged_by_its_bounds_and_no_number_is_unknown(
    keys: dict[str, int], printed: bytes, answer: Answer
) -> None:
    assert judge_output(expecting(**keys), Ended(stdout=printed)).answer is answer


def test_the_right_number_does_not_make_up_for_a_wrong_exit_code() -> None:
    assert judge_output(expecting(stdout_max=5), Ended(exit=1, stdout=b"3")).answer is Answer.FAIL


def test_output_that_is_not_utf_8_is_shown_as_well_as_can_be() -> None:
    assert judge_output(CommandExpect(), Ended(stdout=b"\xff ok")) == as_pass("exit 0, printed '\ufffd ok'")


def test_a_long_output_is_clipped() -> None:
    assert len(judge_output(CommandExpect(), Ended(stdout=b"x" * 10_000)).observed) < 120
