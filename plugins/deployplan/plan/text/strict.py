"""What all parts of the five documents have in common: frozen, strict, no unknown keys."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from deployplan.plan.text.scalars import Text, quote_value, value_error


class Strict(BaseModel):
    """A part of a document. YAML names are the aliases where Python reserves the word (`for`, `from`, `json`)."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        validate_by_alias=True,
        validate_by_name=True,
        serialize_by_alias=True,
    )


def freeze_lists(value: Any) -> Any:
    """Return JSON data with tuples for lists, as the models take it."""
    if isinstance(value, dict):
        return {key: freeze_lists(item) for key, item in value.items()}
    return tuple(freeze_lists(item) for item in value) if isinstance(value, list | tuple) else value


def name_entries(value: Any) -> Any:
    """Give each entry of a mapping its key as `name`, so that it knows what it is called."""
    if not isinstance(value, dict):
        return value
    return {key: {"name": str(key), **entry} if isinstance(entry, dict) else entry for key, entry in value.items()}


def _matching(pattern: str, what: str, wanted: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(name: str) -> str:
        if not compiled.fullmatch(name):
            raise value_error("name", f"{quote_value(name)} is not {what}", f"{what} is {wanted}")
        return name

    return AfterValidator(check)


_SHORT = _matching(
    r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", "a name", "up to 60 letters, digits, - and _, and begins with a letter or digit"
)
_LONG = _matching(
    r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}", "a name", "letters, digits, dots, - and _, and begins with a letter or digit"
)
_ENV = _matching(r"[A-Za-z_][A-Za-z0-9_]*", "a variable's name", "letters, digits and _, and begins with no digit")
_FILE = _matching(
    r"(?!\.)[^/\\\x00-\x1f]{1,200}", "a file's name", "that of a file in include/packages/, without a folder"
)
_CALENDAR = _matching(
    r"(?=.{1,200}\Z)(?!\.)[^/\\\x00-\x1f]+(?:/(?!\.)[^/\\\x00-\x1f]+)*",
    "a calendar's path",
    "that of a file below include/infrastructure/, as in change-freeze.ics",
)
_BELOW_INCLUDE = _matching(
    r"(?=.{1,200}\Z)(?!\.)[^/\\\x00-\x1f]+(?:/(?!\.)[^/\\\x00-\x1f]+)*",
    "a calendar's path",
    "that of a file below include/, as in on-call/storefront.ics",
)
_SHA256 = _matching(r"[0-9a-f]{64}", "a sha256", "64 of the characters 0-9 and a-f")

ShortName = Annotated[Text, _SHORT]
LongName = Annotated[Text, _LONG]
EnvName = Annotated[Text, _ENV]
FileName = Annotated[Text, _FILE]
CalendarName = Annotated[Text, _CALENDAR]
CalendarBelowInclude = Annotated[Text, _BELOW_INCLUDE]
Sha256 = Annotated[Text, _SHA256]
_own = Field(exclude=True)  # it is the key; written once
OwnName = Annotated[ShortName, SkipJsonSchema(), _own]
OwnLongName = Annotated[LongName, SkipJsonSchema(), _own]
named = BeforeValidator(name_entries)
