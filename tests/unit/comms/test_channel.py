import logging

import pytest

from deployplan.comms.channel import SendError
from deployplan.comms.log_channel import LogChannel
from unit.comms.prepared import a_message


async def test_the_log_holds_who_is_told_what(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "deployplan.comms")
    assert await LogChannel().send(a_message()) == "written to the log"
    assert "message to warehouse@acme.example: storefront 4.3.0: live" in caplog.text
    assert "Größere Bestellungen" in caplog.text


async def test_a_log_of_ones_own_can_be_given(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "mine")
    await LogChannel(logging.getLogger("mine")).send(a_message())
    assert [record.name for record in caplog.records] == [
        "mine",
        "mine",
    ]  # each line of it


def test_an_error_is_certain_unless_it_says_otherwise() -> None:
    assert not SendError("no").uncertain
    assert SendError("perhaps", uncertain=True).uncertain
