"""Which release is on a node, by the node's own ledger?"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from deployplan.plan.model.component import Component
from deployplan.plan.snapshot import Snapshot
from deployplan.remote.node_facts import NodeFacts
from deployplan.runbook.node.node_story import UNLOCKED
from deployplan.runbook.run.run import Run

NOT_RECORDED = "not recorded"


def release_by_ledger(snapshot: Snapshot, component: Component, facts: NodeFacts) -> tuple[str, str | None]:
    """The release that the node's ledger tells of, and the problem when it is not the one that the plan starts from.

    A node that this very plan has brought to the new release already is as it should be: a review that is repeated in
    the middle of a release finds such nodes. Where the component has a `current` command, that has the last word.
    """
    release = snapshot.plan.scope.release
    if brought_by(snapshot.digest, facts.ledger, release.product, component.name):
        return release.version, None
    recorded = recorded_release(facts.ledger, release.product, component.name)
    if recorded is None:
        return NOT_RECORDED, None
    if component.current is None and release.previous is not None and recorded != release.previous:
        return (
            recorded,
            f"{component.name} is {recorded!r} there by the node's ledger; the plan starts from {release.previous!r}",
        )
    return recorded, None


def verification_time(run: Run, node: str, facts: NodeFacts) -> str | None:
    """When the node noted that all of this very plan is on it and was verified.

    None when it is not, or was not, when somebody holds the node, or took a lock on it away by hand since.
    """
    plan, digest = run.snapshot.plan, run.snapshot.digest
    here = [name for name in plan.components if node in {each.name for each in run.snapshot.nodes_of(name)}]
    product = plan.scope.release.product
    if facts.holder is not None or not all(brought_by(digest, facts.ledger, product, name) for name in here):
        return None
    since = None
    for entry in facts.ledger:
        if entry.get("event") == UNLOCKED:
            since = None
        if entry.get("product") != product:
            continue
        if entry.get("event") in ("installed", "restored"):
            since = None
        elif entry.get("event") == "verified" and entry.get("plan") == plan.name and since is None:
            since = _instant(entry.get("at"))
    return since


def _instant(written: object) -> str | None:
    """The node's text as an instant, and nothing else that it may have written there."""
    try:
        return datetime.fromisoformat(str(written)[:40]).astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return None


def brought_by(digest: str, ledger: Iterable[Mapping[str, object]], product: str, component: str) -> bool:
    """Whether the node's ledger says that this plan, by its digest, installed the component and nobody undid it."""
    last = _last(ledger, product, component)
    return last is not None and last.get("event") == "installed" and last.get("digest") == digest


def recorded_release(ledger: Iterable[Mapping[str, object]], product: str, component: str) -> str | None:
    """The release that the node's ledger says is installed; None when it says nothing, or that there is none."""
    last = _last(ledger, product, component)
    return None if last is None or last.get("version") is None else str(last.get("version"))


def release_before(ledger: Iterable[Mapping[str, object]], digest: str, product: str, component: str) -> str | None:
    """The release that was there before this plan installed its own, by the node's ledger; None when it says none."""
    earlier = [each for each in _in_effect(ledger, product, component) if not _is_install(each, digest)]
    return None if not earlier or earlier[-1].get("version") is None else str(earlier[-1].get("version"))


def later_release(ledger: Iterable[Mapping[str, object]], digest: str, product: str) -> str | None:
    """The release of the product that was brought to the node after this plan's own, by its ledger; None when none was.

    Of any component: what came later may rest on what this plan brought.
    """
    begun, later = False, dict[str, str]()
    for entry in ledger:
        event, component = entry.get("event"), str(entry.get("component"))
        if entry.get("product") != product or event not in ("installed", "restored"):
            continue
        if entry.get("digest") == digest:
            if event == "installed":  # what had come to the component since is replaced by this plan's own
                begun = True
                later.pop(component, None)
        elif event == "restored":  # what came later was undone again
            later.pop(component, None)
        elif begun:
            told = [str(entry.get(name))[:200] for name in ("version", "plan", "run")]
            later[component] = "{} {} (plan {}, run {})".format(component[:200], *told)
    return "; ".join(later.values()) or None


def brought_since(
    ledger: Iterable[Mapping[str, object]], product: str, since: datetime | None, *, but_by: tuple[str, str]
) -> str | None:
    """What another run than `but_by` installed or undid of the product since then, by the node's ledger, in words.

    `but_by` is a plan's name and one of its runs: runs of two plans may have the same id. What has no time that can be
    read counts, and without `since` all of it does.
    """
    for entry in ledger:
        if entry.get("product") != product or entry.get("event") not in ("installed", "restored"):
            continue
        at = _instant(entry.get("at"))
        if (entry.get("plan"), entry.get("run")) == but_by or (
            at is not None and since is not None and datetime.fromisoformat(at) < since
        ):
            continue
        told = [str(entry.get(name))[:200] for name in ("component", "version", "plan", "run")]
        return "{} {} (plan {}, run {})".format(*told)
    return None


def _last(ledger: Iterable[Mapping[str, object]], product: str, component: str) -> Mapping[str, object] | None:
    return next(reversed(_in_effect(ledger, product, component)), None)


def _in_effect(ledger: Iterable[Mapping[str, object]], product: str, component: str) -> list[Mapping[str, object]]:
    """What was installed of the component and not undone since, in order; the last one is what is there.

    A release that was backed out to the one before it leaves that one as it was, whichever plan had brought it. A
    backout to anything else stands for itself. A release that failed there was undone without having been installed.
    """
    found: list[Mapping[str, object]] = []
    for entry in ledger:
        about_it = entry.get("product") == product and entry.get("component") == component
        if not about_it or entry.get("event") not in ("installed", "restored"):  # no set: a node may write [] there
            continue
        here = found
        while here and _is_install(here[-1], entry.get("digest")):
            here = here[:-1]
        of_another = bool(here) and here[-1].get("digest") != entry.get("digest")
        undone = entry.get("event") == "restored" and (len(here) < len(found) or of_another)
        as_before = bool(here) and here[-1].get("version") == entry.get("version")
        found = here if undone and as_before else [*here, entry]
    return found


def _is_install(entry: Mapping[str, object], digest: object) -> bool:
    return entry.get("event") == "installed" and digest is not None and entry.get("digest") == digest
