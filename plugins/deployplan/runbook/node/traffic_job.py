"""What directs a node's traffic, as jobs on a node: which job it is, where it runs, and how the node stands."""

import hashlib
import re
from collections.abc import Iterable, Mapping

from deployplan.plan.model.component import Component
from deployplan.plan.model.infrastructure import Node
from deployplan.plan.model.traffic import Traffic
from deployplan.remote import programs
from deployplan.remote.job import TRAFFIC_STEPS, JobFacts, JobState
from deployplan.runbook.node.node_step import NodeStep

DRAIN, PUT_BACK = TRAFFIC_STEPS
_PREFIX = "_traffic-"
"""Begins as the name of no component can: traffic is a node's, whichever component and plan directs it."""
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")


def traffic_key(node: str) -> str:
    """Return under which name the jobs of a node's traffic stand, in place of a component's."""
    if _NAME.fullmatch(node):
        return _PREFIX + node
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", node)[:60]
    return f"{_PREFIX}{plain}_{hashlib.sha256(node.encode()).hexdigest()[:12]}"


def host_of(traffic: Traffic, node: str) -> str:
    """Return the node on which the traffic of a node is directed."""
    return traffic.on or node


def last_traffic_job(jobs: Iterable[JobFacts], node: str) -> JobFacts | None:
    """Return the last job that directed a node's traffic, whichever plan's; None when there never was one."""
    own = [job for job in jobs if job.component == traffic_key(node) and job.launched]
    return max(own, key=lambda job: job.seq, default=None)


def is_back(job: JobFacts) -> bool:
    """Whether a job that was a node's last has put it back into service."""
    return job.step == PUT_BACK and job.state is JobState.DONE


def is_out(jobs: Iterable[JobFacts], node: str) -> bool:
    """Whether a node is out of service, or may be, by the jobs of where its traffic is directed."""
    last = last_traffic_job(jobs, node)
    return last is not None and not is_back(last)


def nodes_out(jobs: Iterable[JobFacts]) -> dict[str, JobFacts]:
    """By node the last job of each that is out of service, or may be; a node of a long name by its shortened one."""
    last: dict[str, JobFacts] = {}
    for job in sorted(jobs, key=lambda job: job.seq):
        if job.launched and job.component.startswith(_PREFIX):
            last[job.component.removeprefix(_PREFIX)] = job
    return {node: job for node, job in sorted(last.items()) if not is_back(job)}


def traffic_step(
    component: Component, node: Node, name: str, *, token: str, generation: str, begun: frozenset[str]
) -> NodeStep:
    """Return the job that drains a node or puts it back, for `token`; `begun` are those of which there is evidence.

    Raises ValueError or KeyError where the node has no name in HAProxy.
    """
    traffic = component.traffic
    if traffic is None:
        raise AssertionError(f"{component.name} has no traffic")
    env, script = _program(traffic, node, name)
    run_as = component.model_copy(
        update={
            "name": traffic_key(node.name),
            "package": None,
            "timeout": traffic.timeout,
            "wave_timeout": None,
            "no_progress": None,
            "significant_errors": (),
            "env": {**component.env, **env},
        }
    )
    return NodeStep(run_as, name, script, token, generation, begun=begun, owner=component.name, about=node.name)


def _program(traffic: Traffic, node: Node, name: str) -> tuple[Mapping[str, str], str]:
    """Its variables and its shell text; for HAProxy ours, in which no word of a plan stands."""
    if traffic.haproxy is None:
        return {}, (traffic.drain if name == DRAIN else traffic.put_back) or ""
    server = traffic.haproxy
    within = max(1, int(traffic.timeout.total_seconds()) - 5)  # it says why, before it is terminated
    env = {
        "HAPROXY_SOCKET": server.socket,
        "HAPROXY_BACKEND": server.backend,
        "HAPROXY_SERVER": server.server_of(node.placeholders()),
        "HAPROXY_STATE": "drain" if name == DRAIN else "ready",
        "HAPROXY_WITHIN": str(within),
    }
    return env, programs.program(programs.HAPROXY)
