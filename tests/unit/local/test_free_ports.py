"""Ports that are asked for before anything is started."""

import socket

import pytest

from deployplan.local.free_ports import PortTaken, port_is_free, require_free


def test_a_port_that_somebody_listens_on_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not port_is_free("127.0.0.1", port)
        with pytest.raises(PortTaken, match=rf"port {port} of 127.0.0.1 .* DEPLOYPLAN_PORT"):
            require_free("127.0.0.1", [port])
    assert port_is_free("127.0.0.1", port)


def test_a_port_whose_last_connection_fades_out_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        connection, _ = server.accept()
        connection.close()
        client.close()
    assert port_is_free("127.0.0.1", port)
