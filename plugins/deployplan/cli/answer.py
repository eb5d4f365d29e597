"""`deployplan approve`, `reject` and `answer`: a person's answer to an open card, as Airflow's own page gives it."""

import json
from typing import Annotated

import typer

from deployplan.cli.options import AsJson
from deployplan.cli.render import fail
from deployplan.cli.sign_in import REFUSED, Url, User, logged_in
from deployplan.local.person import PersonApi, find_card
from deployplan.local.settings import LocalError

app = typer.Typer()
LONGEST_NOTE = 500
"""Characters that the note of a card may have."""
Plan = Annotated[str, typer.Argument(metavar="PLAN", help="Name of the plan.")]
Note = Annotated[str | None, typer.Option("--note", help="What to say with it; it stands in the evidence.")]
Task = Annotated[str | None, typer.Option("--task", help="The task that asks, where several do.")]


@app.command()
def approve(
    plan: Plan, note: Note = None, task: Task = None, url: Url = None, user: User = None, as_json: AsJson = False
) -> None:
    """Answer the plan's approval card with yes, as yourself: Airflow refuses who was not asked.

    Read the card first: `deployplan show PLAN` prints what is approved, the card besides what preflight found.

    Exit code 0: answered; 1: Airflow refused it, does not answer, or nothing is asked; 2: wrong usage, or no login.

    Example: deployplan approve storefront-4.3.0 --user mia
    """
    _answer(plan, "Approve", note, task, url, user, as_json=as_json)


@app.command()
def reject(
    plan: Plan, note: Note = None, task: Task = None, url: Url = None, user: User = None, as_json: AsJson = False
) -> None:
    """Answer the plan's approval card with no, as yourself: the run ends as `rejected`, and no node was touched.

    Exit code 0: answered; 1: Airflow refused it, does not answer, or nothing is asked; 2: wrong usage, or no login.

    Example: deployplan reject storefront-4.3.0 --note "the migration is not tested"
    """
    _answer(plan, "Reject", note, task, url, user, as_json=as_json)


@app.command()
def answer(
    plan: Plan,
    choice: Annotated[str, typer.Argument(metavar="CHOICE", help="One of the options on the card, such as Back out.")],
    note: Note = None,
    task: Task = None,
    url: Url = None,
    user: User = None,
    as_json: AsJson = False,
) -> None:
    """Answer any open card of the plan with one of its options, as yourself. `deployplan status PLAN` names what waits.

    Exit code 0: answered; 1: Airflow refused it, does not answer, or no card offers the choice; 2: wrong usage, or no
    login.

    Examples: deployplan answer storefront-4.3.0 "Back out"; deployplan answer shop-2 passed --task verify.manual_order
    """
    _answer(plan, choice, note, task, url, user, as_json=as_json)


def _answer(
    plan: str, choice: str, note: str | None, task: str | None, url: str | None, user: str | None, *, as_json: bool
) -> None:
    if note is not None and len(note) > LONGEST_NOTE:  # Airflow takes a longer one, and its task would fail
        fail(f"--note has {len(note)} characters; a card takes {LONGEST_NOTE}", "say more in the change's ticket")
    with logged_in(url, user) as api:
        try:
            card, option = find_card(api.cards(plan), choice, user=api.user, task=task)
        except LocalError as error:
            fail(f"{plan}: {error}", f"`deployplan status {plan}` tells what it waits for", REFUSED)
        run, asks = str(card["task_instance"]["dag_run_id"]), str(card["task_instance"]["task_id"])
        api.answer(plan, run, asks, option, _note_on_card(api, plan, run, asks, note, card.get("params") or {}))
    if as_json:
        typer.echo(json.dumps({"plan": plan, "run": run, "task": asks, "answer": option, "note": note}, indent=2))
    else:
        typer.echo(f"{plan}: {asks} is answered: {option}")


def _note_on_card(
    api: PersonApi, plan: str, run: str, task: str, note: str | None, params: dict[str, object]
) -> dict[str, object]:
    """The card's fields with the note; one without such a field has it as the task's note, before the answer."""
    if note and "note" in params:
        return {"note": note}
    if note:
        api.note_on_task(plan, run, task, note)
    return {}
