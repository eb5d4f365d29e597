"""What the Airflow side reads from its environment."""

import pytest

from deployplan.airflow_glue.settings import NotConfigured, settings

pytestmark = pytest.mark.airflow


@pytest.fixture(autouse=True)
def _read_anew() -> None:
    settings.cache_clear()


@pytest.mark.parametrize(("stated", "seconds"), [(None, 60.0), ("", 60.0), ("5", 5.0), ("0", 0.0), ("0.5", 0.5)])
def test_a_wave_hands_over_after_a_minute_or_as_stated(
    stated: str | None, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEPLOYPLAN_HANDOVER_AFTER", raising=False)
    if stated is not None:
        monkeypatch.setenv("DEPLOYPLAN_HANDOVER_AFTER", stated)
    assert settings().handover_after == seconds


@pytest.mark.parametrize("stated", ["soon", "-1", "nan", "inf", "86401"])
def test_another_value_is_refused_with_what_would_be_right(stated: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOYPLAN_HANDOVER_AFTER", stated)
    with pytest.raises(NotConfigured, match=f"DEPLOYPLAN_HANDOVER_AFTER is '{stated}'; it is a number of seconds"):
        settings()
