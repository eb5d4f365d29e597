"""`deployplan schema`: what may stand in a document?"""

import json
from typing import Annotated, Literal

import typer

from deployplan.plan.pages.field_reference import field_reference
from deployplan.plan.pages.schema import schema_of

app = typer.Typer()
Document = Literal["plan", "procedure", "infrastructure", "controls", "people"]


@app.command()
def schema(
    document: Annotated[Document, typer.Argument(help="Which of the documents.")] = "plan",
    markdown: Annotated[bool, typer.Option("--markdown", help="Print all documents, key by key, for people.")] = False,
) -> None:
    """Print the JSON schema of a document, for editors.

    Exit code 0: printed; 2: there is no such document.

    Examples: deployplan schema > include/schema/plan.schema.json; deployplan schema infrastructure
    """
    if markdown:
        typer.echo(field_reference(), nl=False)
    else:
        typer.echo(schema_text(document), nl=False)


def schema_text(document: str) -> str:
    """Return the schema as it is kept in include/schema/."""
    return json.dumps(schema_of(document), indent=2, ensure_ascii=False) + "\n"
