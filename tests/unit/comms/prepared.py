"""A plan with everything that a message may tell, and a message made from nothing."""

from typing import Any

from deployplan.comms.message import Message
from deployplan.plan.model.controls import Controls
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.model.moment import Moment
from deployplan.plan.model.people import Communication
from deployplan.plan.model.plan import Plan
from deployplan.plan.snapshot import Snapshot


def a_snapshot(**changes: Any) -> Snapshot:
    plan: dict[str, Any] = {
        "plan": "storefront-4.3.0",
        "environment": "production",
        "author": "erin",
        "change": "CHG0041",
        "scope": {
            "release": {"product": "storefront", "version": "4.3.0", "previous": "4.2.1"},
            "summary": "Customers can schedule an order for later.",
            "features": {"F-17": "Schedule an order for later"},
            "out_of_scope": ("billing",),
        },
        "schedule": {"window": {"opens": "2026-11-28 22:00", "closes": "2026-11-29 02:00", "timezone": "Europe/Paris"}},
        "components": {"web": {"nodes": ("web-1",), "deploy": "./install.sh", "undo": "./restore.sh"}},
        "impact": {
            "downtime": "5 minutes",
            "stakeholders": {"warehouse": {"contact": "warehouse@acme.example", "effect": "read-only for 10 minutes"}},
            "end_users": {"locations": ("Lyon",)},
        },
        "approval": {"authorities": {"mia": "deployment manager"}},
        "delivery": {
            "team": {"chen": {"role": "developer", "mail": "chen@acme.example"}, "dana": {"role": "dba"}},
            "handover": {
                "channel": "#storefront-release",
                "support": {"tier1": "desk", "tier2": "ops", "docs": ("https://wiki.example/storefront",)},
            },
        },
    }
    return Snapshot(
        plan=Plan.model_validate(plan | changes),
        infrastructure=Infrastructure.model_validate({"connection": "ssh", "nodes": {"web-1": "10.0.0.1"}}),
        controls=Controls(),
    )


def a_communication(to: str = "warehouse", **keys: Any) -> Communication:
    return Communication.model_validate({"to": to, "on": ("announced", "success"), **keys})


def a_message(**changes: Any) -> Message:
    fields: dict[str, Any] = {
        "subject": "storefront 4.3.0: live",
        "body": "Größere Bestellungen sind möglich.\n",
        "to": "warehouse@acme.example",
        "moment": Moment.SUCCESS,
        "group": "warehouse",
        "key": "0f" * 16,
    }
    return Message(**fields | changes)
