"""The manual of every rule, from its docstring, as docs/reference/rules.md."""

from inspect import cleandoc
from types import ModuleType

from deployplan.lint.rules import ALL_RULES as JUDGED
from deployplan.plan.rules import ALL_RULES as REFUSED

_HEAD = """# Rules

Every problem ends with the name of its rule in brackets. `deployplan lint` checks all of them; loading a plan, in
Airflow too, checks those of the first three parts. An **error** of the first three parts keeps the plan from being
loaded; any error makes `deployplan lint` exit with 1; a **warning** does so with `--strict` only.

This page is written by `deployplan lint --rules`.
"""
SHAPE = {
    "file-readable": "the file cannot be read",
    "file-size": "the file is larger than 1 MiB",
    "file-encoding": "the file is not UTF-8",
    "file-name": "an infrastructure or controls file names another environment than its file name",
    "yaml-syntax": "the text is not YAML, is empty, or is no mapping",
    "yaml-tab": "a tab where YAML wants spaces",
    "yaml-tag": "a tag (`!…`); values have no types but their own",
    "hidden-character": "a character that does not show, or turns the text round; also as an escape like "
    "`\\u202e`, and in the files beside a plan or procedure that are texts; "
    "in a calendar file it is `freeze-source`",
    "yaml-merge": "a merge key (`<<`); what is common stands in a procedure",
    "yaml-alias": "an alias that contains itself, or aliases that grow beyond 20,000 values",
    "yaml-depth": "values nested more than 40 deep",
    "yaml-surprise": "a word or number that YAML readers disagree about: `yes`, `010`, `1:30`, `4.10` as a number",
    "duplicate-key": "a key that is there twice",
    "unknown-key": "a key that the format does not have; the nearest one is suggested",
    "missing-key": "a key that must be there, in the plan or in its procedure",
    "unknown-value": "a word that is not among the words that may stand there",
    "wrong-type": "a text where a list is wanted, a quoted number, an empty value",
    "out-of-range": "a number below or above its limits, a list or mapping that is empty",
    "name": "a name with characters that names do not have, or of a person with letters of two alphabets",
    "address": "no mail address",
    "duration": "no duration: they are written `90s`, `30m`, `1h30m`, `2d` or as whole seconds",
    "time": "no date, or no date with a time of day, or one that does not exist",
    "zone": "no IANA time zone",
    "share": "a wave's share that is no count or percentage, or that does not grow",
    "regex": "no pattern of RE2, or one that is too large: `(?=`, `\\\\1`, `x{1001}`",
    "requirement": "a requirement with both or neither of `program` and `command`",
    "jump": "a `jump` that names no host between two commas, or one host twice",
    "undo-or-irreversible": "a component with both or neither of `undo` and `irreversible`",
    "criterion-kind": "a criterion that asks nothing or two things, or has keys that mean nothing for its kind",
    "metric-query": "a query that cannot be asked: a quote open, a placeholder outside of quotes, no series named",
    "metric-bounds": "a metric that expects nothing, a ratio to nothing, or bounds between which no value is",
    "metrics-url": "`metrics` of an environment at no http or https address, or one with a password or a query in it",
}
BETWEEN_FILES = {
    "procedure-known": "`follows` names a procedure that has no file",
    "environment-known": "`environment` names an infrastructure that has no file",
    "person-twice": "two people of include/people.yaml share a name, id, login or address; capitals make no difference",
    "plan-twice": "two plan files have the same name; both are refused",
    "script-size": "the scripts of plan and procedure together are larger than 1 MiB",
}


def rule_reference() -> str:
    """Return the page."""
    parts = [_HEAD, "## Text and shape", "", *_rows(SHAPE), "", "## Between files", "", *_rows(BETWEEN_FILES)]
    parts += ["", "## What makes a plan unusable", *map(_manual, REFUSED)]
    parts += ["", "## Judgement, by `deployplan lint` only", *map(_manual, JUDGED)]
    return "\n".join(parts) + "\n"


def _rows(rules: dict[str, str]) -> list[str]:
    return ["| rule | what is wrong |", "|---|---|", *(f"| `{name}` | {meaning} |" for name, meaning in rules.items())]


def _manual(rule: ModuleType) -> str:
    body = cleandoc(rule.__doc__ or "")
    text, _, examples = body.partition("\nPASS\n")
    passing, _, failing = examples.partition("\nFAIL\n")
    return "\n".join(
        [
            "",
            f"### {rule.ID} ({rule.SEVERITY})",
            "",
            text.strip(),
            "",
            *("Passes:", "", "```yaml", *_dedented(passing), "```", ""),
            *("Fails:", "", "```yaml", *_dedented(failing), "```"),
        ]
    )


def _dedented(fragment: str) -> list[str]:
    return [line.removeprefix("    ") for line in fragment.strip("\n").splitlines()]
