"""Real services behind a real HAProxy under a steady load: nobody sees that a release is brought to the nodes."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deployplan.runbook.outcome import Outcome, conclude
from deployplan.runbook.run.run import Run, StepFailed
from real_haproxy import PATIENCE, RESTART, SERVICE, free_ports, haproxy_before, load_on, require_haproxy
from ssh.runbook.conftest import MakeProduction
from ssh.runbook.production import Production, a_version, an_app, armed, deploy, until


class Shop:
    """Nodes n1 to n3 with a service each, and n4 on which HAProxy is told of them."""

    def __init__(self, prod: Production, ports: dict[str, int]) -> None:
        self.prod, self.ports = prod, ports

    def start(self) -> None:
        for name, port in self.ports.items():
            home = self.prod.nodes[name].home
            (home / "service.py").write_text(SERVICE)
            subprocess.Popen(
                (sys.executable, str(home / "service.py"), str(port), str(home)),
                env={**os.environ, "HOME": str(home)},
                start_new_session=True,
            )

    async def ready(self) -> None:
        for name in self.ports:
            await until(lambda name=name: (self.prod.nodes[name].home / "pid").exists(), f"service of {name}", PATIENCE)

    def release(self, number: int, admin: Path | None, **traffic: Any) -> Run:
        """A run that brings release `number` to one node after another; without `admin` it directs no traffic."""
        app = an_app(self.ports, waves=[1, 2, "100%"], deploy=f"set -- {number}; {RESTART}", undo=RESTART)
        if admin is not None:
            haproxy = {"socket": str(admin), "backend": "shop", "server": "{node}", **traffic}
            app["traffic"] = {"on": "n4", "haproxy": haproxy, "timeout": "1m"}
        release = {"product": "shop", "version": str(number), "previous": str(number - 1)}
        nodes = {
            name: {"host": node.host, "port": node.port, "vars": {"service_port": self.ports.get(name, 0)}}
            for name, node in self.prod.nodes.items()
        }
        return self.prod.run(
            plan=f"shop-{number}",
            run_id=f"run-{number}",
            environment={"nodes": nodes},
            scope={"release": release, "summary": "the next one"},
            components={"app": app},
            success={"version": a_version(self.ports, expect={"stdout": str(number)})},
        )


@pytest.fixture
def shop(production: MakeProduction) -> Shop:
    require_haproxy()
    prod = production(4)
    return Shop(prod, dict(zip(("n1", "n2", "n3"), free_ports(3), strict=True)))


async def bring(run: Run) -> None:
    """Carry a release out to its good end, in which the nodes are given back."""
    await deploy(run, await armed(run))
    run.ledger.record("verified", ok=True, generation="1")
    assert (await conclude(run)).outcome is Outcome.SUCCESS


async def serves(load: Any, release: str) -> None:
    await until(lambda: load.answers[release] > 20, f"answers of release {release}: {load.failures}", PATIENCE)


async def test_three_waves_behind_a_real_haproxy_fail_no_request(
    shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shop.start()
    await shop.ready()
    with haproxy_before(tmp_path_factory.mktemp("h"), shop.ports) as (admin, front):
        async with load_on(front) as load:
            await serves(load, "1")
            run = shop.release(2, admin)
            await bring(run)
            await serves(load, "2")
            assert load.failures == []
            assert (await run.state()).out == {}

            unknown = shop.release(3, admin, server="{node}-unknown")
            with pytest.raises(StepFailed, match="not taken out of service"):
                await deploy(unknown, await armed(unknown))
            assert any("No such server" in line for line in shop.prod.said)
            assert load.failures == []


@pytest.mark.chaos
async def test_a_hundred_waves_behind_a_real_haproxy_fail_no_request_and_without_drain_many_do(
    shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shop.start()
    await shop.ready()
    with haproxy_before(tmp_path_factory.mktemp("h"), shop.ports) as (admin, front):
        async with load_on(front) as load:
            await serves(load, "1")
            for number in range(2, 36):
                await bring(shop.release(number, admin))
            await serves(load, "35")
            assert load.failures == []
            careless = shop.release(36, None)
            await bring(careless)
            await asyncio.sleep(1)
            assert load.failures != []
