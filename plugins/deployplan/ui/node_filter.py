"""Which nodes are meant: by environment, product, state, holder and text; the same words in address, page and API."""

from collections.abc import Iterator
from dataclasses import dataclass

from deployplan.ui.node_list import NodeOverview

HELD, FREE = "somebody", "nobody"
"""What a filter by holder says besides the name of a plan or a run id."""
VERIFIED = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class NodeFilter:
    """What a row must have; what is None or empty is not asked.

    `text` is looked for in everything that the row says of node, plan, run, release and trouble, whatever its case.
    """

    environment: str | None = None
    product: str | None = None
    state: str | None = None
    holder: str | None = None
    verified: str | None = None
    text: str | None = None

    def takes(self, row: NodeOverview) -> bool:
        """Whether the row is meant."""
        return (
            (not self.environment or row.environment == self.environment)
            and (not self.state or row.state == self.state)
            and (not self.product or self.product in {each.product for each in row.installed})
            and self._holder(row)
            and self._verified(row)
            and (not self.text or self.text.casefold() in "\n".join(_words(row)).casefold())
        )

    def _holder(self, row: NodeOverview) -> bool:
        if not self.holder:
            return True
        if self.holder == FREE:
            return row.holder is None and not row.hidden
        return row.holder is not None and self.holder in (HELD, row.holder.plan, row.holder.run)

    def _verified(self, row: NodeOverview) -> bool:
        if not self.verified:
            return True
        wanted = VERIFIED.get(self.verified)
        of = [each for each in row.installed if not self.product or each.product == self.product]
        return bool(of) and all(each.verified for each in of) is wanted


def _words(row: NodeOverview) -> Iterator[str]:
    yield row.node
    yield row.why or ""
    for each in row.installed:
        yield from (each.product, each.component, each.version, each.run, each.plan)
    if row.last is not None:
        yield from (row.last.plan, row.last.run_id, row.last.release or "")
    if row.holder is not None:
        yield from (row.holder.plan, row.holder.run, row.holder.frozen or "")
    if row.next is not None:
        yield from (row.next.plan, row.next.release or "")
    for problem in row.problems:
        yield from (problem.plan, problem.run_id)
