"""Rules whose breach makes a plan unusable: loading refuses it."""

from types import ModuleType

from deployplan.plan.rules import (
    approval_seats,
    component_cycle,
    component_known,
    create_ahead,
    criterion_known,
    criterion_place,
    freeze_scope,
    freeze_source,
    group_empty,
    group_members,
    machine_criterion,
    naive_time,
    node_known,
    package_intact,
    package_known,
    package_present,
    placeholder_known,
    plan_name,
    recipient_known,
    recurrence,
    reserved_name,
    script_present,
    window_next,
    window_order,
)

PLAN_RULES: tuple[ModuleType, ...] = (
    plan_name,
    reserved_name,
    node_known,
    group_empty,
    component_known,
    component_cycle,
    package_known,
    package_present,
    package_intact,
    criterion_known,
    criterion_place,
    placeholder_known,
    naive_time,
    window_next,
    window_order,
    recurrence,
    create_ahead,
    approval_seats,
    machine_criterion,
    recipient_known,
    script_present,
)
INFRASTRUCTURE_RULES: tuple[ModuleType, ...] = (
    group_members,
    naive_time,
    window_order,
    recurrence,
    freeze_source,
    freeze_scope,
)
ALL_RULES = tuple(dict.fromkeys((*PLAN_RULES, *INFRASTRUCTURE_RULES)))
