"""Who may answer a card: those whom it was put to, by the evidence, and nobody else; for every card alike."""

from deployplan.runbook.run.facts import texts_in
from deployplan.runbook.run.run import Refused, Run, last


def require_asked(run: Run, task: str, person: str | None) -> None:
    """Refuse an answer of somebody who was not asked, whatever Airflow let through: it counts for nothing.

    Raises Refused naming who answered and who was asked.
    """
    asked = [entry for entry in run.ledger.entries() if entry.kind == "card_put" and entry.facts["task"] == task]
    card = last(asked, "card_put")
    people = texts_in(card, "people") if card is not None else []
    if person is None or person not in people:
        raise Refused(
            f"the answer to {task} came from {person or 'nobody'}; asked were {', '.join(people) or 'nobody'}: "
            "it counts for nothing; clear the task to ask again"
        )
