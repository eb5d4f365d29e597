"""`/nodes`: what is on each node and why, who holds it and what comes next; for programs and spreadsheets, too."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, HTTPException, Path, Query
from fastapi.responses import Response

from deployplan.airflow_glue.server.api.node_forms import NodeAnswer, NodesAnswer
from deployplan.airflow_glue.server.api.node_keeper import nodes_now
from deployplan.airflow_glue.server.api.rights import Person, Signed
from deployplan.airflow_glue.server.api.unchanged import answer_unless_unchanged
from deployplan.ui.node_csv import nodes_as_csv
from deployplan.ui.node_filter import NodeFilter
from deployplan.ui.node_json import node_history_as_json, nodes_as_json
from deployplan.ui.node_list import NodeList, Reads, seen_nodes

router = APIRouter(tags=["nodes"])

Word = Annotated[str | None, Query(max_length=250)]
Place = Annotated[str, Path(min_length=1, max_length=250)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Tag = Annotated[str | None, Header()]
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "nothing has changed"}}


@router.get(
    "/nodes",
    response_model=NodesAnswer,
    responses={**UNCHANGED, 200: {"content": {"text/csv": {}}, "description": "the nodes; all of them in CSV"}},
)
def read_nodes(
    who: Signed,
    environment: Word = None,
    product: Word = None,
    state: Word = None,
    holder: Annotated[
        str | None, Query(max_length=250, description="`somebody`, `nobody`, a plan, or the id of a run")
    ] = None,
    verified: Annotated[Literal["yes", "no", ""] | None, Query()] = None,
    q: Annotated[str | None, Query(max_length=250, description="text in node, plan, run, release or trouble")] = None,
    after: Word = None,
    limit: Limit = 200,
    format: Annotated[
        Literal["json", "csv"], Query(description="csv: every node that is meant, whatever `limit`")
    ] = "json",
    if_none_match: Tag = None,
) -> Response:
    """Each node of the environments whose plans you may read: what is on it, since when, by which run, verified or not;
    who holds it; the script that runs; which plan comes next. By the evidence of the runs: no node is asked.
    """
    wanted = NodeFilter(environment, product, state, holder, verified, q)
    found = visible_nodes(who.reads(), who, nodes_now())
    if format == "csv":
        text = nodes_as_csv(row for row in found.rows if wanted.takes(row))
        headers = {"Content-Disposition": 'attachment; filename="nodes.csv"', "Cache-Control": "private, no-store"}
        return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
    return answer_unless_unchanged(nodes_as_json(found, wanted, after=after or "", limit=limit), if_none_match)


@router.get("/nodes/{environment}/{node}", response_model=NodeAnswer, responses=UNCHANGED)
def read_node(
    who: Signed,
    environment: Place,
    node: Place,
    before: Annotated[str | None, Query(max_length=600)] = None,
    limit: Limit = 20,
    if_none_match: Tag = None,
) -> Response:
    """One node and the runs that it was part of, the latest first, each with what came of it on this very node."""
    reads = who.reads()
    found = visible_nodes(reads, who, nodes_now())
    row = next((each for each in found.rows if (each.environment, each.node) == (environment, node)), None)
    if row is None:
        raise HTTPException(404, f"there is no node {node!r} in {environment!r} that you may see"[:700])
    return answer_unless_unchanged(
        node_history_as_json(found, row, reads, before=before or "", limit=limit), if_none_match
    )


def visible_nodes(reads: Reads, who: Person, found: NodeList) -> NodeList:
    """What a person may see: the nodes of environments of which they may read a plan."""
    return seen_nodes(found, reads, reads_all=who.may_all("GET", "RUN"))
