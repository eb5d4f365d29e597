"""What is on a node and who holds it, in the words that the command line, the page and its API share."""

from datetime import UTC, datetime

from deployplan.remote.node_facts import Holder
from deployplan.runbook.node.node_story import Installed, run_of


def installed_words(each: Installed) -> str:
    """Say what is installed, by which run and since when, and whether it was verified."""
    by = "" if each.verified_by is None else f" by run {each.verified_by}"
    verified = f"verified{by}" if each.verified else "not verified"
    what = f"{each.product} {each.component} {each.version}"
    how = "restored" if each.event == "restored" else "installed"
    return f"{what}, {how} by run {each.run} of plan {each.plan or '?'} at {moment_of(each.at)}, {verified}"


def holder_words(holder: Holder) -> str:
    """Say who holds a node, since when, and why nobody may take it over; from where, when that is known."""
    frozen = f"; frozen: {holder.frozen}" if holder.frozen is not None else ""
    place = f" (from {holder.controller})" if holder.controller else ""
    return f"run {run_of(holder.run)} of plan {holder.plan} since {moment(holder.since)}{place}{frozen}"


def moment(at: datetime | None) -> str:
    """Return an instant in UTC, a dash for none."""
    return f"{at.astimezone(UTC):%F %T} UTC" if at else "-"


def moment_of(text: str) -> str:
    """Return a time that a node's ledger spells, in UTC; what is no time is shown as it is."""
    try:
        return moment(datetime.fromisoformat(text))
    except ValueError:
        return text or "a time that is not recorded"
