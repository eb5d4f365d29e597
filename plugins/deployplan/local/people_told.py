"""What `up` says of who is who: a file that cannot be used, users who are nobody, numbers without names."""

from collections.abc import Iterable, Iterator

from deployplan.local.settings import LocalSettings
from deployplan.local.users import AUTH_MANAGER, SIMPLE
from deployplan.plan.include import Include
from deployplan.plan.load.roster_file import load_roster
from deployplan.plan.text.problem import PlanRejected


def people_told(settings: LocalSettings, users: Iterable[str]) -> Iterator[str]:
    """Yield one line for each thing that keeps people from judging releases; `users` are those who can log in."""
    simple = settings.environ.get(AUTH_MANAGER, SIMPLE).endswith(SIMPLE)
    try:
        roster = load_roster(Include(settings.include))
    except PlanRejected as error:
        yield f"people.yaml cannot be used, so nobody can approve and all is held: {error.problems[0].text()}"
        return
    if roster is None and not simple:
        yield (
            f"{AUTH_MANAGER} gives ids that are no logins, and there is no people.yaml to say whose they are: "
            "nobody can approve; see docs/guides/deployment-manager.md"
        )
    elif roster is not None and simple:
        strange = [user for user in users if roster.by_id(user) is None]
        if strange:
            yield f"nobody of people.yaml, so they can look and no more: {', '.join(strange)}"
