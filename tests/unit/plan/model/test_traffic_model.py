"""`traffic` says both ways or neither, and names HAProxy's server without a word of shell."""

from typing import Any

import pytest
from pydantic import ValidationError

from builders import a_component, a_snapshot
from deployplan.plan.model.traffic import HaproxyServer, Traffic
from deployplan.plan.service import service_of
from deployplan.plan.worst_case import worst_case

HAPROXY = {"socket": "/run/haproxy/admin.sock", "backend": "web", "server": "{node}"}


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"drain": "./d.sh"}, "traffic has no `put_back`"),
        ({"put_back": "./b.sh"}, "traffic has no `drain`"),
        ({}, "traffic has no `drain`"),
        ({"haproxy": HAPROXY, "drain": "./d.sh"}, "`drain` is too much"),
        ({"haproxy": {**HAPROXY, "socket": "/run/x; reboot"}}, "no socket's path"),
        ({"haproxy": {**HAPROXY, "backend": "web;x"}}, "no name in HAProxy"),
    ],
)
def test_traffic_that_could_not_be_put_back_or_is_no_name_is_refused(keys: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Traffic.model_validate(keys)


def test_the_name_of_a_server_is_the_nodes_own_and_never_more_than_a_name() -> None:
    values: dict[str, str | int] = {"node": "10.0.0.1", "host": "10.0.0.1", "name": "web-1", "slot": "a b"}
    assert HaproxyServer.model_validate(HAPROXY).server_of(values) == "web-1"
    assert HaproxyServer.model_validate({**HAPROXY, "server": "{name}-{host}"}).server_of(values) == "web-1-10.0.0.1"
    with pytest.raises(ValueError, match="no name in HAProxy"):
        HaproxyServer.model_validate({**HAPROXY, "server": "{slot}"}).server_of(values)


@pytest.mark.parametrize(("share", "may_be_out"), [(None, 2), ("50%", 1), ("51%", 0), (1, 1), (3, 0)])
def test_a_share_that_stays_in_service_is_rounded_up(share: str | int | None, may_be_out: int) -> None:
    traffic = {"drain": "./d.sh", "put_back": "./b.sh"}
    web = a_component(nodes=["group:web"], waves=[1, "100%"], traffic=traffic)
    snapshot = a_snapshot(controls={"min_in_service": share} if share else None, components={"web": web})
    assert service_of(snapshot, "web").may_be_out == may_be_out
    (told,) = [line for line in worst_case(snapshot) if "out of service" in line]
    assert told.startswith(f"web: at most {min(1, may_be_out)} of 2 nodes are out of service at once")
