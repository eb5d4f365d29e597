"""What the concept pages show as documents is accepted as it stands."""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from builders import INFRASTRUCTURE_TEXT, an_include
from deployplan.lint.runner import lint
from fragments import overlaid

PAGES = Path(__file__).parents[4] / "docs" / "concepts"
_FENCE = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# include/(\w+)/[\w.-]+\n")
A_DAY = "BEGIN:VEVENT\nUID:1\nDTSTAMP:20261101T000000Z\nDTSTART;VALUE=DATE:20261224\nSUMMARY:closed\nEND:VEVENT\n"


def examples() -> Iterator[tuple[str, str, str]]:
    """Each document of the pages: where it stands, the folder it belongs to, its text."""
    for page in ("criteria.md", "windows.md"):
        for number, fence in enumerate(_FENCE.findall((PAGES / page).read_text("utf-8"))):
            named = _FILE.match(fence)
            for part, text in enumerate(fence.split("---\n")):
                yield f"{page}-{number}-{part}", named[1] if named else "plans", text


EXAMPLES = list(examples())


@pytest.mark.parametrize(("folder", "text"), [each[1:] for each in EXAMPLES], ids=[each[0] for each in EXAMPLES])
def test_an_example_of_the_pages_has_no_mistake(folder: str, text: str, tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2=text if folder == "plans" else "")
    calendar = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{A_DAY}END:VCALENDAR\n".replace("\n", "\r\n")
    (include.infrastructure / "change-freeze.ics").write_bytes(calendar.encode())
    more = (WINDOWS if "window: next" in text else "") + (METRICS if "metric: " in text else "")
    infrastructure = overlaid(INFRASTRUCTURE_TEXT, more)
    (include.infrastructure / "production.yaml").write_text(infrastructure)
    if folder == "infrastructure":
        (include.infrastructure / "production.yaml").write_text(overlaid(INFRASTRUCTURE_TEXT, text))
    elif folder == "controls":
        (include.controls / "production.yaml").write_text(text)

    assert [problem.text() for problem in lint(include) if problem.severity == "error"] == []


WINDOWS = "windows: [{name: nights, rule: FREQ=DAILY, first: 2026-01-01 22:00, until: 06:00}]\n"


METRICS = "metrics: {url: https://prometheus.shop.example}\n"


def test_the_pages_show_every_way_to_ask_and_to_say_when() -> None:
    told = "".join(text for _, _, text in EXAMPLES)
    for key in ("status: 2xx", "headers: {X-Probe", "x-release", ".every.", "until: 06:00", "plus: 6d", "tcp: db-1"):
        assert key in told


def keys_of(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys_of(each)


def test_no_document_that_is_shown_has_a_bare_key_that_other_yaml_readers_take_for_yes() -> None:
    root, fence = PAGES.parents[1], re.compile(r"^ *```yaml\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
    texts = {path: path.read_text("utf-8") for path in (root / "include").rglob("*.yaml")}
    for page in (root / "README.md", *PAGES.parent.rglob("*.md")):
        texts |= {page / str(number): found for number, found in enumerate(fence.findall(page.read_text("utf-8")))}
    assert len(texts) > 100
    for place, text in texts.items():
        text = text.partition("BEGIN:VCALENDAR")[0]
        for document in yaml.safe_load_all(dedent(text)):  # PyYAML is such a reader
            assert True not in set(keys_of(document)), place
