"""Who may answer a card: those whom it was put to, by the evidence, each what it offers them; for every card alike."""

from deployplan.runbook.run.run import Refused, Run


class NotAsked(Refused):
    """An answer of somebody who may not give it."""


def require_asked(run: Run, task: str, person: str | None, option: str | None = None) -> None:
    """Refuse an answer of somebody who was not asked, or not that, whatever Airflow let through: it counts for nothing.

    Raises NotAsked naming who answered and who was asked.
    """
    card = run.read_state().cards.get(task)
    why = "asked were nobody" if card is None else card.why_refused(person, option)
    if why is not None:
        raise NotAsked(
            f"the answer to {task} came from {person or 'nobody'}; {why}: "
            "it counts for nothing; clear the task to ask again"
        )
