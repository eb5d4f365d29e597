"""What authors type means what they mean, or is refused."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from deployplan.plan.text.scalars import (
    Day,
    Duration,
    Flag,
    Moment,
    Number,
    Plain,
    PositiveDuration,
    Text,
    Value,
    Variable,
    Whole,
    Zone,
    parse_duration,
    spell_duration,
)


def read(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value, strict=True)


def refused(kind: Any, value: object) -> str:
    with pytest.raises(ValidationError) as error:
        read(kind, value)
    return error.value.errors()[0]["type"]


@pytest.mark.parametrize("typed", ["4.10", "no", "010", "1:30", "2026-11-28", "1e3", "null-ish", "0x1F"])
def test_a_text_is_what_was_typed(typed: str) -> None:
    text = read(Text, Plain(typed))

    assert text == typed
    assert type(text) is str


@pytest.mark.parametrize("value", ["", "   ", "a\0b"])
def test_a_text_says_something_that_a_shell_can_take(value: str) -> None:
    refused(Text, value)


@pytest.mark.parametrize(("typed", "number"), [("0", 0), ("8080", 8080), ("-5", -5)])
def test_a_whole_number_is_plain_digits(typed: str, number: int) -> None:
    assert read(Whole, Plain(typed)) == number


@pytest.mark.parametrize("typed", ["010", "0o10", "0x1F", "1_000", "1:30", "+1"])
def test_numbers_that_readers_disagree_about_are_refused(typed: str) -> None:
    assert refused(Whole, Plain(typed)) == "yaml-surprise"


@pytest.mark.parametrize("value", ["5", Plain("five"), Plain("5.0"), None, True, 5.0])
def test_a_whole_number_is_nothing_else(value: object) -> None:
    refused(Whole, value)


def test_a_number_may_have_decimals() -> None:
    assert read(Number, Plain("0.50")) == 0.5
    assert read(Number, Plain("5")) == 5
    assert refused(Number, "5") == "wrong-type"
    assert refused(Number, True) == "wrong-type"


def test_true_and_false_are_the_only_flags() -> None:
    assert read(Flag, Plain("true")) is True
    assert read(Flag, Plain("False")) is False
    assert {refused(Flag, Plain(word)) for word in ("yes", "no", "on", "Off", "y")} == {"yaml-surprise"}
    assert refused(Flag, Plain("1")) == "wrong-type"


@pytest.mark.parametrize(
    ("typed", "value"),
    [("ok", "ok"), ("true", True), ("5", 5), ("0.5", 0.5), ("4.3.0", "4.3.0"), ("2026-11-28", "2026-11-28")],
)
def test_a_json_value_is_read_as_json_would(typed: str, value: object) -> None:
    found = read(Value, Plain(typed))

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("typed", ["4.10", "yes", "OFF", "007", "12:30", "1_000", ".inf", "+5", "1.", "0x1F"])
def test_a_json_value_that_readers_disagree_about_is_refused(typed: str) -> None:
    assert refused(Value, Plain(typed)) == "yaml-surprise"


def test_quotes_settle_what_a_json_value_is() -> None:
    assert read(Value, {"version": "4.10", "list": ("yes", Plain("1"))}) == {"version": "4.10", "list": ("yes", 1)}


def test_a_variable_is_a_whole_number_or_a_text() -> None:
    assert [read(Variable, Plain(typed)) for typed in ("8080", "on", "1.0")] == [8080, "on", "1.0"]
    assert refused(Variable, None) == "wrong-type"


@pytest.mark.parametrize(
    ("typed", "seconds"), [("90s", 90), ("30m", 1800), ("1h30m", 5400), ("2d", 172800), ("24h", 86400), ("45", 45)]
)
def test_a_duration_has_units_or_is_seconds(typed: str, seconds: int) -> None:
    assert read(Duration, Plain(typed)) == timedelta(seconds=seconds)
    assert read(Duration, typed) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value", [Plain("soon"), Plain("1:30"), Plain("1.5h"), Plain("-5m"), Plain("5 m"), None, True, ""]
)
def test_other_durations_are_refused(value: object) -> None:
    assert refused(Duration, value) == "duration"


def test_a_duration_is_not_longer_than_ten_years() -> None:
    assert refused(Duration, Plain("999999999d")) == "duration"
    assert refused(Duration, Plain("999999999")) == "duration"


def test_a_positive_duration_is_more_than_nothing() -> None:
    assert refused(PositiveDuration, Plain("0s")) == "duration"


@given(st.integers(min_value=0, max_value=3650 * 86400))
def test_a_duration_is_spelt_as_it_is_read(seconds: int) -> None:
    duration = timedelta(seconds=seconds)

    assert parse_duration(spell_duration(duration)) == duration


def test_a_moment_is_a_wall_time_or_an_instant() -> None:
    assert read(Moment, Plain("2026-11-28 22:00")) == datetime(2026, 11, 28, 22)
    assert read(Moment, "2026-11-28T21:00:30Z") == datetime(2026, 11, 28, 21, 0, 30, tzinfo=UTC)
    assert read(Moment, Plain("2026-11-28 22:00+01:00")) == datetime(2026, 11, 28, 21, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["2026-11-28", "28.11.2026 22:00", "2026-02-30 22:00", "2026-11-28 24:00", "tonight"])
def test_other_moments_are_refused(typed: str) -> None:
    assert refused(Moment, Plain(typed)) == "time"


def test_a_day_is_a_date() -> None:
    assert read(Day, Plain("2026-11-25")) == date(2026, 11, 25)
    assert refused(Day, Plain("25/11/2026")) == "time"
    assert refused(Day, Plain("2026-02-30")) == "time"


def test_a_zone_is_an_iana_name() -> None:
    assert read(Zone, Plain("Europe/Paris")) == "Europe/Paris"
    assert {refused(Zone, Plain(name)) for name in ("Europe/Pari", "CEST+1", "../../etc/passwd", "Europe")} == {"zone"}
