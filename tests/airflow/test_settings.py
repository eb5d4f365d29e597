"""What the Airflow side reads from its environment."""

from pathlib import Path

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


def test_an_airflow_outside_of_a_checkout_is_told_its_documents_and_guesses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "include" / "plans").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("deployplan.airflow_glue.settings.CHECKOUT", None)
    monkeypatch.delenv("DEPLOYPLAN_INCLUDE", raising=False)
    with pytest.raises(NotConfigured, match=r"DEPLOYPLAN_INCLUDE is not set.* such as /srv/release/include"):
        settings()
    monkeypatch.setenv("DEPLOYPLAN_INCLUDE", "/srv/release/include")
    assert settings().include == Path("/srv/release/include")
