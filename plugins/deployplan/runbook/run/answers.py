"""Who may answer a card: those whom it was put to, by the evidence, and nobody else; for every card alike."""

from deployplan.runbook.run.run import Refused, Run


def require_asked(run: Run, task: str, person: str | None) -> None:
    """Refuse an answer of somebody who was not asked, whatever Airflow let through: it counts for nothing.

    Raises Refused naming who answered and who was asked.
    """
    card = run.read_state().cards.get(task)
    people = card.put.people if card is not None else ()
    if person is None or person not in people:
        raise Refused(
            f"the answer to {task} came from {person or 'nobody'}; asked were {', '.join(people) or 'nobody'}: "
            "it counts for nothing; clear the task to ask again"
        )
