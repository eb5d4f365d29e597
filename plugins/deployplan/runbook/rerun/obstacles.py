"""What would stop or hold a rerun, as things stand? Asks what `deploy.arm` and the waves ask, and touches nothing."""

from collections.abc import Collection, Iterator

from deployplan.remote.node_facts import NodeFacts
from deployplan.runbook.node.node_story import node_story
from deployplan.runbook.rerun.preview import Answers
from deployplan.runbook.review import missing_approvals
from deployplan.runbook.run.generation import Generation
from deployplan.runbook.run.run import Run
from deployplan.runbook.run.state import RunState
from deployplan.runbook.timing.verdict import verdict_of


def arm_obstacles(
    run: Run, answers: Answers, generation: Generation, *, waits_for_window: bool, asks_again: bool
) -> list[str]:
    """Why arming would refuse or wait, in sentences.

    `waits_for_window`: the rerun comes through the task `window`; `asks_again`: it asks for new approvals.
    """
    found = [] if asks_again else [f"deploy.arm would refuse: {problem}" for problem in missing_approvals(run)]
    now = verdict_of(run)
    if now.held is not None:
        found.append(f"{'window' if waits_for_window else 'deploy.arm'} would wait: {now.reason}")
    elif not now.open:
        does = "window would wait" if waits_for_window else "deploy.arm would refuse"
        cure = "" if waits_for_window else "; clear `window` to wait for the next opening"
        found.append(f"{does}: {now.reason}{cure}")
    return found + list(_locks(run.snapshot.plan.name, answers, generation))


def open_cards(state: RunState, cleared: Collection[str]) -> Iterator[str]:
    """The cards that wait for people now, and what clearing these tasks would do to each, in sentences."""
    stopped = state.since_armed.question
    for task, card in sorted(state.cards.items()):
        if not card.is_open or state.is_over:
            continue
        until = f", until {card.put.until}" if card.put.until else ""
        told = f"{task} asks {', '.join(card.put.people)}{until}: {card.put.subject or 'a decision'}"
        if task not in cleared:
            yield f"{told}; it stays as it is"
        elif stopped is not None and task.startswith("deploy."):
            wave = f"{stopped.wave[0]} wave {stopped.wave[1]}"
            yield f"{told}; the clear withdraws it with its clock, and {wave} is tried again in a new generation"
        else:
            yield f"{told}; the clear withdraws it with its clock, and whoever is to be asked is asked anew"


def _locks(plan: str, answers: Answers, generation: Generation) -> Iterator[str]:
    for node, facts in answers.items():
        if not isinstance(facts, NodeFacts):
            yield f"{node} does not answer: deploy.arm would refuse"
            continue
        holder, running = facts.holder, [job.job_id for job in node_story(facts).running]
        if holder is None:
            continue
        if holder.frozen is not None:
            yield f"{node} is held by {holder}: deploy.arm would refuse until it is unlocked"
        elif holder.plan != plan:
            yield f"{node} is held by {holder}: deploy.arm would wait for it"
        elif running and not generation.owns(holder.run):
            yield f"{node} runs {', '.join(running)}: deploy.arm would wait for its end"
