"""What all kinds of criteria have in common, and how the kind of one is told: by the key that asks."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from deployplan.plan.model.endpoint import Endpoint
from deployplan.plan.model.placeholders import placeholders
from deployplan.plan.text.keys import nearest, yaml_keys
from deployplan.plan.text.scalars import (
    Duration,
    Flag,
    Positive,
    PositiveDuration,
    quote_value,
    value_error,
)
from deployplan.plan.text.shapes import Shape, told_by_keys
from deployplan.plan.text.strict import OwnName, Strict


class Expect(Strict):
    """What a reading must show."""

    def with_version(self, old: str, new: str) -> Self:
        """Return what is expected of `new` where this expects `old`: every value that equals `old` is replaced."""
        return self.model_copy(update={key: _replaced(getattr(self, key), old, new) for key in type(self).model_fields})


def _replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(item, old, new) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_replaced(item, old, new) for item in value)
    return new if value == old and isinstance(value, str) else value


def parse_on(value: Any) -> str | tuple[str, ...]:
    """Return where a criterion is read: one node or group, or several."""
    if isinstance(value, str) and value:
        return str(value)
    if isinstance(value, tuple) and value and all(isinstance(item, str) and item for item in value):
        return tuple(str(item) for item in value)
    raise value_error("wrong-type", f"{quote_value(value)} is no node", "write a node, group:NAME, or a list of them")


_ON_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
On = Annotated[
    str | tuple[str, ...],
    PlainValidator(parse_on),
    PlainSerializer(lambda on: on if isinstance(on, str) else list(on), when_used="json"),
    WithJsonSchema(_ON_SCHEMA),
]


def _own_keys_first(schema: dict[str, Any], shape: type["Criterion"]) -> None:
    """In the schema and the reference a shape is told by its kind, and what only it has comes first."""
    schema["$comment"] = shape.telling[0]
    schema["properties"] = {key: schema["properties"][key] for key in own_keys(shape)}


class Criterion(Shape):
    """A question to production and the answer that means success; its kind is the key that asks."""

    model_config = ConfigDict(json_schema_extra=_own_keys_first)

    name: OwnName
    passes: ClassVar[str] = ""
    """What must be seen, in words, where a kind expects nothing that an author may choose."""

    @property
    def kind(self) -> str:
        """The key that asks."""
        return self.telling[0]

    @property
    def question(self) -> str:
        """What is asked, as written."""
        return str(getattr(self, self.kind))

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        if cls.telling:
            _SHAPES.append(cls)

    @model_validator(mode="before")
    @classmethod
    def _of_one_kind(cls, data: Any) -> Any:
        return _without_unstated(cls, _asking_once(cls, data)) if isinstance(data, dict) else data


class MachineCriterion(Criterion):
    """A criterion that a program reads."""

    on: On | None = Field(
        None,
        description="node, `group:NAME` or a list, whose values stand for its placeholders; absent: every node when it "
        "has placeholders, else it is read once",
    )
    neighbour: Flag = Field(False, description="something that the release must not disturb")
    for_: Duration = Field(
        timedelta(), alias="for", description="how long it must pass without a break; 0s: one reading"
    )
    every: PositiveDuration = Field(timedelta(seconds=2), description="time between readings")
    timeout: PositiveDuration = Field(timedelta(seconds=10), description="a reading that takes longer is unknown")
    fail_after: Positive = Field(3, description="readings in a row that do not pass before it has failed")
    shadow: Flag = Field(False, description="whether it is only read and recorded, and decides nothing")
    baseline: Flag | None = Field(
        None,
        description="whether it must hold before the release; absent: neighbours must, and services (http, tcp) when "
        "there is a previous release",
    )
    held_before: ClassVar[bool] = False
    """Whether the previous release passes it too, unless `baseline` says otherwise."""
    decides_unknown: ClassVar[bool] = True
    """Whether no answer counts as one that does not hold; else it holds the release, and people are asked."""

    def places(self) -> tuple[str, ...]:
        """Return what `on` names, as written; nothing where it is absent."""
        if self.on is None:
            return ()
        return (self.on,) if isinstance(self.on, str) else self.on

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names of the placeholders in what is asked, each once."""
        return placeholders(self.question)

    @property
    def per_node(self) -> bool:
        """Whether its question differs from node to node, so that without `on` every node is asked."""
        return False

    @property
    def from_node(self) -> bool:
        """Whether a node asks, over SSH; else the controller does, where the environment's `reach` allows it."""
        return True

    def endpoint(self, question: str) -> Endpoint | None:
        """Return where `question`, filled in for a node, leads; None when it is no address.

        Raises NoEndpoint when it should be one.
        """
        return None

    def for_release(self, version_from: str, version_to: str) -> Self:
        """Return the criterion for another version: expected values equal to `version_from` are replaced."""
        expected = {key: value for key, value in self if isinstance(value, Expect)}
        return self.model_copy(
            update={key: value.with_version(version_from, version_to) for key, value in expected.items()}
        )


_SHAPES: list[type[Criterion]] = []


def shapes() -> tuple[type[Criterion], ...]:
    """Return the shapes of criteria in the order in which they are written; each has told of itself."""
    return tuple(_SHAPES)


def kinds() -> tuple[str, ...]:
    """Return the keys that ask."""
    return tuple(shape.telling[0] for shape in _SHAPES)


def choose_shape(value: Any) -> str:
    """Return the tag of the shape that a criterion has.

    What is null is not stated: a plan takes a key of its procedure away by it.
    """
    stated = {key: entry for key, entry in value.items() if entry is not None} if isinstance(value, dict) else value
    return told_by_keys(*shapes())(stated)


def own_keys(shape: type[Criterion]) -> tuple[str, ...]:
    """Return the keys of a shape as authors write them, those that only it has first."""
    inherited = yaml_keys(MachineCriterion)
    return tuple(sorted(yaml_keys(shape), key=lambda key: key in inherited))


@cache
def _keys(shape: type[Criterion]) -> tuple[str, ...]:
    """All that may be written, what is expected as `expect.KEY`."""
    expect = shape.model_fields.get("expect")
    below = yaml_keys(expect.annotation) if expect is not None and isinstance(expect.annotation, type) else ()
    return (*own_keys(shape), *(f"expect.{key}" for key in below))


@cache
def _all_keys() -> frozenset[str]:
    return frozenset(key for shape in shapes() for key in _keys(shape))


def _asking_once(shape: type[Criterion], data: dict[Any, Any]) -> dict[Any, Any]:
    """Return the data of a criterion that asks one thing, with keys of no other kind; a misspelt key is told later."""
    asked, name = [kind for kind in kinds() if data.get(kind) is not None], data.get("name")
    if len(asked) > 1 or (not asked and not any(nearest(str(key), kinds()) for key in _strange(data))):
        state = f"has {' and '.join(asked)}" if asked else "asks nothing"
        wanted = f"{', '.join(kinds()[:-1])} and {kinds()[-1]}"
        raise value_error("criterion-kind", f"criterion {name!r} {state}; exactly one of {wanted} is wanted")
    own = _keys(shape)
    if foreign := [key for key in _stated(data) if key in _all_keys() and key not in own]:
        kind, below = shape.telling[0], all(key.startswith("expect.") for key in foreign)
        listed = ", ".join(key for key in own if key.startswith("expect.") == (below and "expect" in own))
        raise value_error(
            "criterion-kind",
            f"criterion {name!r} is of kind {kind}; {', '.join(foreign)} has no meaning there",
            f"{kind} criteria have {listed}",
        )
    return data


def _strange(data: dict[Any, Any]) -> set[Any]:
    return {key for key in data if key != "name" and _written(key) not in _all_keys()}


def _stated(data: dict[Any, Any]) -> Iterator[str]:
    """The keys that say something, those below `expect` as `expect.KEY`."""
    for key, value in data.items():
        if isinstance(value, dict) and key == "expect":
            inner = [f"expect.{_written(below)}" for below, each in value.items() if each is not None]
            yield from inner or ("expect",)
        elif value is not None:
            yield _written(key)


def _without_unstated(shape: type[Criterion], data: dict[Any, Any]) -> dict[Any, Any]:
    """Return the data without the keys of other kinds that are null."""
    others = _all_keys() - set(_keys(shape))
    left = {key: value for key, value in data.items() if value is not None or _written(key) not in others}
    expect = left.get("expect")
    if isinstance(expect, dict):
        left["expect"] = {k: v for k, v in expect.items() if v is not None or f"expect.{_written(k)}" not in others}
    return left


def _written(key: Any) -> str:
    """A key as authors write it, where Python reserves the word: `for`."""
    return str(key).removesuffix("_")
