"""Each test has a home and ports of its own."""

from pathlib import Path

import pytest

from deployplan.local.settings import LocalSettings
from own_home import settings_below


@pytest.fixture
def settings(tmp_path: Path) -> LocalSettings:
    return settings_below(tmp_path)
