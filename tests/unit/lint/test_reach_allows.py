"""What a criterion reads, and for which name it asks there, is told by lint before a reading is refused."""

from pathlib import Path

import pytest

from builders import INFRASTRUCTURE_TEXT, an_include, write_plan
from deployplan.lint.runner import lint

CRITERIA = """\
success:
  shop: {http: "https://shop.example/health", host: HOST}
  node: {http: "https://{host}/health", host: anything.example}
"""


@pytest.mark.parametrize(("host", "told"), [("admin.example", 1), ("a.pay.example", 0), ("shop.example:8443", 0)])
def test_a_name_that_reach_does_not_name_is_told_at_its_key(tmp_path: Path, host: str, told: int) -> None:
    include = an_include(tmp_path)
    reach = 'reach: [shop.example, "*.pay.example"]\n'
    (include.infrastructure / "production.yaml").write_text(INFRASTRUCTURE_TEXT + reach)
    path = write_plan(include, "shop-2", CRITERIA.replace("HOST", host))
    found = [each for each in lint(include) if each.rule == "reach-allows"]
    written = path.read_text().splitlines()
    assert [written[each.line - 1].split(":")[0].strip() for each in found] == ["shop"] * told
    assert all(host in each.message and f"`reach: [{host}]`" in str(each.hint) for each in found)
