"""Who wrote it? Where the controls ask the repository: everybody whose commits touched it since the last release."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from deployplan.errors import DeployPlanError
from deployplan.evidence.kinds.review import AuthorsFound
from deployplan.evidence.record import Records
from deployplan.history.commits import Commit, History, history_of_files
from deployplan.history.git import HistoryUnknown
from deployplan.plain_file import facts_of, reason_of
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load
from deployplan.plan.model.controls import Documented
from deployplan.plan.model.roster import Roster, spelling_of_address
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.problem import PlanRejected
from deployplan.runbook.run.directory import FILE
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.run import Run
from deployplan.runbook.run.state import RunState
from deployplan.runbook.timing.past_runs import history_of

SIGNERS = "allowed_signers"
MOST_TOLD = 20


def find_authors(run: Run) -> list[str]:
    """Record who wrote it, where the controls ask the repository; returns what keeps the release from being ready."""
    asked = run.snapshot.controls.documented
    if asked.authors != "repository":
        return []
    found = _found(run, asked)
    run.record(found)
    unknown = [*([found.why] if found.why else []), *(f"nobody knows {each}" for each in found.unknown)]
    told = f"written by {', '.join(found.people) or 'nobody known'}"
    holds = asked.unknown_authors == "refuse"
    run.say(f"{'FAIL' if unknown and holds else 'ok  '} authors: {'; '.join([told, *unknown])}")
    problems = [f"authors: {each}" for each in unknown] if holds else []
    return problems or _too_few(run, found)


def authors_of(run: Run, state: RunState) -> tuple[str, ...]:
    """Everybody who counts as author and cannot approve: whom the plan names, and who wrote it by the evidence."""
    found = state.review.authors
    return tuple(dict.fromkeys([run.snapshot.plan.author, *(found.people if found is not None else ())]))


def missing_authors(run: Run, state: RunState) -> list[str]:
    """Say that the repository was to be asked and there is no evidence that it was; empty when all is well."""
    if run.snapshot.controls.documented.authors != "repository" or state.review.authors is not None:
        return []
    return ["who wrote it was not asked of the repository: clear review.controls with Downstream"]


def _too_few(run: Run, found: AuthorsFound) -> list[str]:
    plan = run.snapshot.plan
    able = plan.may_approve(besides=found.people)
    if len(able) >= plan.approval.quorum:
        return []
    wrote = [user for user in plan.approval.authorities if user not in able]
    return [f"authors: {plan.approval.quorum} must approve; {', '.join(wrote)} wrote it and cannot"]


def _found(run: Run, asked: Documented) -> AuthorsFound:
    roster, include = run.directory().roster, run.include
    signers = include.root / SIGNERS if asked.signed else None
    try:
        _must_be_the_file(run.snapshot, include)
        if signers is not None:
            _must_be_plain(signers, include)
        since = _released_commit(run.records, run.snapshot)
        packages = [include.packages / package.file for package in run.snapshot.plan.package.values()]
        named = _files(run.snapshot, include)
        history = history_of_files(named, include.root, vouched=packages, since=since, signers=signers)
    except HistoryUnknown as error:
        return AuthorsFound(why=f"the repository does not say who wrote it: {error}")
    if not history.commits and history.since is None:
        return AuthorsFound(commit=history.head, why="the repository knows no commit of these files")
    return _told(history, roster, asked)


def _must_be_plain(signers: Path, include: Include) -> None:
    """Raise HistoryUnknown when the file of keys is not there, or is read through a link."""
    try:
        facts_of(signers, include.root)
    except OSError as error:
        raise HistoryUnknown(f"{signers}, which tells whose signatures count: {reason_of(error)}") from None


def _must_be_the_file(snapshot: Snapshot, include: Include) -> None:
    """Raise HistoryUnknown when the plan's file is another one than the plan: the repository knows of the file."""
    try:
        found = load(include.plan_path(snapshot.plan.name), include)
    except PlanRejected:
        raise HistoryUnknown("the plan's file cannot be used any more") from None
    if found.digest != snapshot.digest:
        raise HistoryUnknown("the plan's file has changed since this plan was read")


def _files(snapshot: Snapshot, include: Include) -> list[Path]:
    """The plan, its procedure and the folders of their scripts; what is not there was never read."""
    plan = snapshot.plan
    named = [include.plan_path(plan.name), include.plans / plan.name]
    if plan.follows is not None:
        named += [include.procedure_path(plan.follows), include.procedures / plan.follows]
    return named


def _released_commit(records: Records | None, snapshot: Snapshot) -> str | None:
    """The commit of which the product was released last in this environment, by that run's evidence."""
    if records is None:
        return None
    plan = snapshot.plan
    for past in reversed(history_of(records, plan.environment, plan.scope.release.product)):
        if past.released:
            try:
                found = fold_all(records.run(past.plan, past.run_id).ledger().entries()).review.authors
            except (DeployPlanError, ValueError, OSError):
                return None
            return None if found is None else found.commit
    return None


def _told(history: History, roster: Roster | None, asked: Documented) -> AuthorsFound:
    machines = {spelling_of_address(address) for address in asked.machines}
    people, unknown = dict[str, None](), dict[str, None]()
    for commit in history.commits:
        for address in _addresses(commit, machines):
            person = roster.by_address(address) if roster is not None else None
            if person is not None:
                people.setdefault(person.name)
            else:
                unknown.setdefault(f"{address or 'an author without an address'} ({commit.id[:12]})")
        if asked.signed and commit.signer is None:
            unknown.setdefault(f"who signed {commit.id[:12]}")
    more = f"; {len(unknown) - MOST_TOLD} more addresses are nobody's" if len(unknown) > MOST_TOLD else ""
    why = f"there is no {FILE} to say whose addresses these are" if roster is None else None
    return AuthorsFound(
        people=tuple(people),
        unknown=tuple(unknown)[:MOST_TOLD],
        commit=history.head,
        since=history.since,
        commits=len(history.commits),
        why=(why or "") + more or None,
    )


def _addresses(commit: Commit, machines: Iterable[str]) -> Iterator[str]:
    """Everybody whom a commit names; a machine that committed for others is nobody."""
    yield commit.author
    yield from commit.co_authors
    if spelling_of_address(commit.committer) not in machines:
        yield commit.committer
    if commit.signer is not None:
        yield commit.signer
