"""Who may judge a release, and who may not because they wrote or triggered it, by who is who at this moment?"""

from collections.abc import Iterable

from deployplan.plan.judges import strangers
from deployplan.plan.model.plan import Plan
from deployplan.runbook.run.directory import FILE, Directory
from deployplan.runbook.run.run import Run
from deployplan.runbook.run.state import RunState


def triggered_by(run: Run, state: RunState) -> tuple[str, ...]:
    """The names of who triggered the run, by Airflow and by the evidence; more than one when that has changed."""
    found = run.directory()
    names = [found.name_of_login(login) for login in _logins(run, state)]
    names.append(state.frozen.triggered_by if state.frozen is not None else None)
    return tuple(dict.fromkeys(name for name in names if name))


def unknown_people(run: Run, state: RunState) -> list[str]:
    """Say of everybody without whom nobody can judge the release, and who is nobody known; empty when all is well.

    An author or a triggering person who is nobody known may be any of the approvers.
    """
    plan, found = run.snapshot.plan, run.directory()
    if found.trouble is not None:
        return [found.trouble]
    problems = [
        f"user {login!r} triggered the run, and {_nobody(found)}: trigger it as somebody who is known"
        for login in _logins(run, state)
        if found.name_of_login(login) is None
    ]
    if not found.known([plan.author]):
        problems.append(f"author {plan.author!r}: {_nobody(found)}")
    able = found.known(plan.may_approve())
    if len(able) < plan.approval.quorum:
        lacking = ", ".join(name for name in plan.may_approve() if name not in able)
        problems.append(f"{plan.approval.quorum} must approve, and of {lacking} {_nobody(found)}")
    problems += without_role(run)
    problems += [
        f"{each.told}: {_nobody(found)}"
        for each in plan.people_named()
        if each.role == "tester" and not found.known([each.name])
    ]
    deciders = plan.backout.authority or tuple(plan.approval.authorities)
    if not found.known(deciders):
        problems.append(f"who decides on a backout ({', '.join(deciders)}): {_nobody(found)}")
    return problems


def without_role(run: Run) -> list[str]:
    """Say who is to approve or decide in a role that they do not have now; empty when the controls do not ask."""
    found = run.directory()
    lacking = strangers(run.snapshot.plan, run.snapshot.controls, found.roster if found.trouble is None else None)
    return [f"{each.told} by {FILE}" for each in lacking]


def people_detail(plan: Plan, found: Directory) -> str:
    """Say how many of the people whom a plan names are known, and who is not."""
    names = dict.fromkeys(each.name for each in plan.people_named())
    strange = [name for name in names if not found.known([name])]
    told = f"; nobody there, and asked nothing: {', '.join(strange)}" if strange else ""
    return f"{len(names) - len(strange)} of {len(names)} people of the plan are in {FILE}{told}"


def changed_since(run: Run, person: str | None, user: str | None, login: str | None) -> str | None:
    """Say that who gave an answer is not that person any more; None when they are.

    Evidence of earlier versions has the id alone, as the person's name.
    """
    now = run.directory().name_of(user or person, login)
    if now == person:
        return None
    return f"{person} answered as user {user or person}, who is {now or 'nobody'} by {FILE} now: ask again"


def _logins(run: Run, state: RunState) -> Iterable[str]:
    frozen = state.frozen.login if state.frozen is not None else None
    return dict.fromkeys(login for login in (run.triggered_by, frozen) if login)


def _nobody(found: Directory) -> str:
    return found.reason(()) or "nobody knows who that is" if found.roster is None else f"that is nobody of {FILE}"
