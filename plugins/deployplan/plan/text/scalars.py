"""What the author typed, and the value it stands for: texts, numbers, durations, times."""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from deployplan.plan.text.pattern import PatternRefused, compile_pattern

LONGEST = timedelta(days=3650)
_LONGEST_NUMBER = 60
_DURATION = re.compile(r"(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?")
_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d*)\.\d+(?:[eE][+-]?\d+)?|-?(?:0|[1-9]\d*)[eE][+-]?\d+")
_SURPRISE = re.compile(
    r"(?i:yes|no|on|off)|[-+]?0[0-9_]+|[-+]?0[xob][0-9a-fA-F_]+|[-+]?\d[\d_]*_[\d_]*"
    r"|[-+]?\d+(?::[0-5]?\d)+(?:\.\d*)?|[-+]?\d+\.|[-+]?\.\d+|\+[\d.]+|[-+]?\.(?i:inf)|\.(?i:nan)"
)
_SECONDS = re.compile(r"\d{1,9}")
_SEXAGESIMAL = re.compile(r"[-+]?\d+(?::[0-5]?\d)+")
_WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_OTHER_WORDS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


class Plain(str):
    """An unquoted YAML scalar, exactly as typed: `4.10` stays `4.10`, `no` stays `no`."""

    __slots__ = ()


def value_error(rule: str, message: str, hint: str | None = None) -> PydanticCustomError:
    """Return the validation error that becomes a problem of this rule."""
    return PydanticCustomError(rule, "{message}", {"message": message, "hint": hint})


def quote_value(value: object) -> str:
    """Return a value as it is quoted in a message."""
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, tuple | list):
        return "a list"
    text = str(value)
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _spells(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a short text matches; a long one is no number, and must not keep a regular expression busy."""
    return len(text) <= _LONGEST_NUMBER and pattern.fullmatch(text) is not None


def parse_whole(value: Any) -> Any:
    """Return the whole number that an unquoted scalar spells; other types pass, to be judged by their own check."""
    if not isinstance(value, Plain):
        return value
    if _spells(_WHOLE, value):
        return int(value)
    if _spells(_SEXAGESIMAL, value):
        raise value_error(
            "yaml-surprise", f"{value} is read by some as a number in base 60", "write the number of units, or 1h30m"
        )
    if _spells(_SURPRISE, value):
        raise value_error(
            "yaml-surprise", f"{value} is read as different numbers by different readers", "write plain digits"
        )
    raise value_error("wrong-type", f"{quote_value(value)} is not a whole number")


def parse_number(value: Any) -> int | float:
    """Return the number that an unquoted scalar spells, whole or decimal."""
    number = float(value) if isinstance(value, Plain) and _spells(_DECIMAL, value) else parse_whole(value)
    if type(number) not in (int, float):
        raise value_error("wrong-type", f"{quote_value(value)} is not a number", "write it without quotes")
    return number


def parse_flag(value: Any) -> Any:
    """Return true or false; the other words of YAML 1.1 are refused, because half of all readers take them as text."""
    if not isinstance(value, Plain):
        return value
    if value in _WORDS:
        return _WORDS[value]
    if right := _OTHER_WORDS.get(value.lower()):
        raise value_error(
            "yaml-surprise", f"{value} is true or false to some readers and text to others", f"write {right}"
        )
    raise value_error("wrong-type", f"{quote_value(value)} is neither true nor false")


def parse_value(value: Any) -> Any:
    """Return a JSON value of an unquoted scalar, a list or a mapping; what readers disagree about is refused."""
    if isinstance(value, dict):
        return {str(key): parse_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(parse_value(item) for item in value)
    if not isinstance(value, Plain):
        return value
    if value in _WORDS:
        return _WORDS[value]
    if _spells(_WHOLE, value):
        return int(value)
    if _spells(_DECIMAL, value):
        if repr(float(value)) != str(value):
            raise value_error(
                "yaml-surprise", f"{value} would be read as the number {float(value)!r}", f'write "{value}" for a text'
            )
        return float(value)
    if _spells(_SURPRISE, value):
        raise value_error(
            "yaml-surprise", f"{value} is read differently by different readers", f'write "{value}" for a text'
        )
    return str(value)


def parse_variable(value: Any) -> int | str:
    """Return a node's variable: a whole number where one is spelt, else text."""
    if isinstance(value, Plain) and _spells(_WHOLE, value):
        return int(value)
    if isinstance(value, str):
        return str(value)
    if type(value) is int:
        return value
    raise value_error("wrong-type", f"{quote_value(value)} is neither a text nor a whole number")


def parse_duration(value: Any) -> timedelta:
    """Return the duration of `1h30m`, `90s`, `2d` or whole seconds."""
    if isinstance(value, timedelta):
        return value
    text = str(value) if isinstance(value, str) or type(value) is int else ""
    duration = _duration_of(text)
    if duration is None:
        hint = (
            "write 1h30m or 90s"
            if re.fullmatch(r"\d+(?::\d+)+", text)
            else "write 90s, 30m, 1h30m, 2d or whole seconds"
        )
        raise value_error("duration", f"{quote_value(value)} is not a duration", hint)
    return _not_too_long(duration, text)


@lru_cache(maxsize=1024)
def _duration_of(text: str) -> timedelta | None:
    """The duration that a text spells; plans state the same few again and again."""
    if _SECONDS.fullmatch(text):
        return timedelta(seconds=int(text))
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def parse_ahead(value: Any) -> timedelta:
    """Return how long before something: the duration of `24h before`."""
    if isinstance(value, timedelta):
        return value
    length, _, before = value.rpartition(" ") if isinstance(value, str) else ("", "", "")
    if before != "before":
        raise value_error("duration", f"{quote_value(value)} is no time ahead of a window", "write 24h before")
    return _check_positive(parse_duration(length))


def spell_ahead(duration: timedelta) -> str:
    """Return the spelling that `parse_ahead` reads back: `1d before`."""
    return f"{spell_duration(duration)} before"


def _not_too_long(duration: timedelta, text: str) -> timedelta:
    if duration > LONGEST:
        raise value_error("duration", f"{text} is longer than {LONGEST.days} days")
    return duration


def _check_positive(duration: timedelta) -> timedelta:
    if not duration:
        raise value_error("duration", "a duration of 0 is no time at all")
    return duration


@lru_cache(maxsize=1024)
def spell_duration(duration: timedelta) -> str:
    """Return the shortest spelling that `parse_duration` reads back: `1h30m`; `0s` for none."""
    seconds = int(duration.total_seconds())
    parts = []
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def parse_moment(value: Any) -> datetime:
    """Return the wall time of `2026-11-28 22:00`, or the instant of `2026-11-28T21:00:00Z` or `…+01:00`."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise value_error(
            "time",
            f"{quote_value(value)} is not a date and a time of day",
            "write 2026-11-28 22:00, or 2026-11-28T21:00:00Z",
        )
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        hint = "midnight is 00:00 of the next day" if value[11:13] == "24" else None
        raise value_error("time", f"{value} does not exist in the calendar", hint) from error


def parse_wall_time(value: Any) -> str:
    """Return the time on a clock, `06:00`; midnight is `00:00`."""
    if not isinstance(value, str) or not re.fullmatch(r"\d\d:\d\d", value):
        raise value_error("time", f"{quote_value(value)} is not a time on a clock", "write 06:00")
    if value == "24:00":
        raise value_error("time", "24:00 is not shown by a clock", "midnight is 00:00 of the next day")
    if value[:2] > "23" or value[3:] > "59":
        raise value_error("time", f"{value} is not shown by a clock")
    return value


def parse_day(value: Any) -> date:
    """Return the day of `2026-11-25`."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise value_error("time", f"{quote_value(value)} is not a day", "write 2026-11-25")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise value_error("time", f"{value} does not exist in the calendar") from error


@lru_cache(maxsize=256)
def check_zone(name: str) -> str:
    """Return `name` when it is an IANA time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # unknown, outside the database, a folder of it
        raise _no_zone(name) from error
    return name


def _no_zone(name: str) -> PydanticCustomError:
    from difflib import get_close_matches

    from deployplan.window.wall_time import zone_names

    near = get_close_matches(name, zone_names(), n=1)
    hint = f"did you mean {near[0]!r}?" if near else "write one like Europe/Paris"
    return value_error("zone", f"{name!r} is not a time zone", hint)


def _check_text(value: str) -> str:
    if not value.strip():
        raise value_error("wrong-type", "an empty text says nothing")
    if "\0" in value:
        raise value_error("wrong-type", "a text cannot contain the character NUL")
    return value


def check_regex(value: str) -> str:
    """Return `value` when it is a pattern that can be searched for in bounded time."""
    try:
        compile_pattern(value)
    except PatternRefused as error:
        raise value_error("regex", f"{quote_value(value)} is not a pattern: {error}", _hint(value)) from error
    return value


def _hint(pattern: str) -> str | None:
    """What to write instead of what other engines take and RE2 does not."""
    if any(look in pattern for look in ("(?=", "(?!", "(?<=", "(?<!")):
        return "patterns are those of RE2, which cannot look ahead or behind"
    if re.search(r"\\[1-9]", pattern):
        return "patterns are those of RE2, which cannot refer back to a group"
    return "for the end of a line write $" if "\\Z" in pattern else None


_DURATION_SCHEMA = {"type": ["string", "integer"], "pattern": r"^(\d+d)?(\d+h)?(\d+m)?(\d+s)?$|^\d+$", "minimum": 0}
# Editors read `version: 4.10` as a number and `on: no` as they please; for us both are texts, so schemas allow them.
_TEXT_SCHEMA = {"type": ["string", "number", "boolean"], "minLength": 1}
Text = Annotated[str, Field(min_length=1), AfterValidator(_check_text), WithJsonSchema(_TEXT_SCHEMA)]
Pattern = Annotated[Text, AfterValidator(check_regex)]
Whole = Annotated[int, BeforeValidator(parse_whole)]
Count = Annotated[int, Field(ge=0), BeforeValidator(parse_whole)]
Positive = Annotated[int, Field(ge=1), BeforeValidator(parse_whole)]
Number = Annotated[int | float, PlainValidator(parse_number), WithJsonSchema({"type": "number"})]
Flag = Annotated[bool, BeforeValidator(parse_flag)]
Value = Annotated[Any, BeforeValidator(parse_value)]
Variable = Annotated[int | str, PlainValidator(parse_variable), WithJsonSchema({"type": ["integer", "string"]})]
Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(spell_duration, when_used="json"),
    WithJsonSchema(_DURATION_SCHEMA),
]
PositiveDuration = Annotated[Duration, AfterValidator(_check_positive)]
Ahead = Annotated[
    timedelta,
    BeforeValidator(parse_ahead),
    PlainSerializer(spell_ahead, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^(\d+d)?(\d+h)?(\d+m)?(\d+s)? before$|^\d+ before$"}),
]
Moment = Annotated[
    datetime,
    BeforeValidator(parse_moment),
    PlainSerializer(lambda moment: moment.isoformat(), when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["2026-11-28 22:00", "2026-11-28T21:00:00Z"]}),
]
WallTime = Annotated[
    time,
    BeforeValidator(lambda value: value if isinstance(value, time) else time.fromisoformat(parse_wall_time(value))),
    PlainSerializer(lambda at: f"{at:%H:%M}", when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d$"}),
]
Day = Annotated[date, BeforeValidator(parse_day), WithJsonSchema({"type": "string", "format": "date"})]
Zone = Annotated[Text, AfterValidator(check_zone)]
