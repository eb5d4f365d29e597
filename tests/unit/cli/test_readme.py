"""What the README shows as a first own plan can be written so, to the letter."""

import re
from pathlib import Path
from textwrap import dedent

from deployplan.lint.runner import lint
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load

ROOT = Path(__file__).parents[3]


def test_the_first_own_plan_of_the_readme_has_no_problems(tmp_path: Path) -> None:
    blocks = re.findall(r"^ +```yaml\n(.*?)^ +```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    infrastructure, plan = map(dedent, blocks)
    for folder in ("plans", "infrastructure", "procedures", "controls", "packages"):
        (tmp_path / folder).mkdir()
    (tmp_path / "infrastructure/production.yaml").write_text(infrastructure)
    (tmp_path / "plans/shop-2.1.yaml").write_text(plan)

    include = Include(tmp_path)

    assert [problem.text() for problem in lint(include)] == []
    assert load(include.plan_path("shop-2.1"), include).plan.name == "shop-2.1"
