"""How a run looks at one moment."""

from typing import Any

from deployplan.local.run_view import view_of


def a_task(task_id: str, state: str | None = None, start: str | None = None) -> dict[str, Any]:
    return {"task_id": task_id, "state": state, "start_date": start}


def a_card(task_id: str, *people: str) -> dict[str, Any]:
    return {"task_instance": {"task_id": task_id}, "assigned_users": [{"id": it, "name": it} for it in people]}


def test_tasks_stand_in_the_order_of_the_phases_and_of_their_starts() -> None:
    tasks = [
        a_task("outcome"),
        a_task("deploy.web.wave_1"),
        a_task("deploy.database.wave_1", "success", "2026-11-28T22:05"),
        a_task("deploy.arm", "success", "2026-11-28T22:04"),
        a_task("window", "success", "2026-11-28T22:00"),
        a_task("review.preflight", "success", "2026-11-28T21:00"),
    ]
    assert [task.task_id for task in view_of("shop", tasks, []).tasks] == [
        "review.preflight",
        "window",
        "deploy.arm",
        "deploy.database.wave_1",
        "deploy.web.wave_1",
        "outcome",
    ]


def test_tasks_that_have_not_begun_stand_where_they_will_come() -> None:
    tasks = [a_task(f"backout.{name}") for name in ("database", "verify", "web", "decide")]
    assert [task.name for task in view_of("shop", tasks, []).tasks] == ["decide", "database", "web", "verify"]


def test_a_phase_is_active_from_its_first_task_to_its_last() -> None:
    def state(*states: str | None) -> str:
        tasks = [a_task(f"deploy.web.wave_{number}", state) for number, state in enumerate(states)]
        return view_of("shop", tasks, []).state_of("deploy")

    assert state(None, None) == ""
    assert state("queued", None) == "active"
    assert state("success", None) == "active"
    assert state("success", "success") == "done"
    assert state("success", "skipped") == "done"
    assert state("skipped", "skipped") == "skipped"
    assert state("success", "failed", "upstream_failed") == "failed"
    assert state("failed", "up_for_retry") == "active"


def test_it_says_who_is_asked_and_that_it_waits_for_the_window() -> None:
    tasks = [
        a_task("review.approve_1", "awaiting_input"),
        a_task("window", "deferred"),
        a_task("deploy.web.wave_1", "running"),
    ]
    assert view_of("shop", tasks, [a_card("review.approve_1", "amir", "mia")]).waiting() == (
        "review.approve_1 waits for amir or mia",
        "waits for the release window",
        "deploy.web.wave_1 runs",
    )


def test_a_card_that_is_not_up_yet_waits_for_a_person_all_the_same() -> None:
    assert view_of("shop", [a_task("review.approve_1", "awaiting_input")], []).waiting() == (
        "review.approve_1 waits for a person",
    )


def test_a_name_drops_its_phase() -> None:
    names = [task.name for task in view_of("shop", [a_task("deploy.web.wave_1"), a_task("window")], []).tasks]
    assert names == ["window", "web.wave_1"]
