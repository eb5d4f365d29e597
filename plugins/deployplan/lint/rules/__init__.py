"""Rules of judgement: a plan that breaks one can be loaded, and probably should not be."""

from types import ModuleType

from deployplan.lint.rules import (
    asked_after_approval,
    authority_known,
    component_unwatched,
    failure_decided,
    failures_bounded,
    fix_names_ticket,
    freeze_empty,
    hidden_in_package,
    neighbour_backout,
    neighbour_baseline,
    no_progress_in_time,
    others_left,
    package_used,
    people_reached,
    person_known,
    plans_collide,
    previous_stated,
    reach_allows,
    reserve_covers_backout,
    rota_people,
    rota_readable,
    script_in_package,
    second_authority,
    secret_in_plan,
    soak_read_often,
    training_dated,
    version_expected,
    window_fits,
    window_frozen,
    window_of_environment,
    window_passed,
    windows_overlap,
)

PLAN_RULES: tuple[ModuleType, ...] = (
    window_fits,
    window_frozen,
    window_of_environment,
    windows_overlap,
    freeze_empty,
    second_authority,
    script_in_package,
    hidden_in_package,
    component_unwatched,
    neighbour_baseline,
    neighbour_backout,
    training_dated,
    fix_names_ticket,
    reserve_covers_backout,
    no_progress_in_time,
    secret_in_plan,
    version_expected,
    previous_stated,
    reach_allows,
    asked_after_approval,
    package_used,
    failure_decided,
    failures_bounded,
    soak_read_often,
    others_left,
)
RULES_OF_THE_PLACE: tuple[ModuleType, ...] = (person_known, authority_known, people_reached, window_passed)
"""These judge by what is known where `deployplan lint` runs, too."""
RULES_ACROSS_PLANS: tuple[ModuleType, ...] = (plans_collide,)
ROSTER_RULES: tuple[ModuleType, ...] = (rota_readable, rota_people)
"""These judge include/people.yaml."""
ALL_RULES = (*PLAN_RULES, *RULES_OF_THE_PLACE, *RULES_ACROSS_PLANS, *ROSTER_RULES)
