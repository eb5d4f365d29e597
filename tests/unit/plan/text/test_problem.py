"""Problems sort by place and have a rendering for each reader."""

import pickle

from deployplan.plan.text.problem import PlanRejected, Position, Problem, in_order


def a_problem(line: int = 2, column: int = 3, **facts: object) -> Problem:
    facts = {"rule": "node-known", "message": "component 'web' names node 'web-9'"} | facts
    return Problem("include/plans/shop.yaml", line, column, **facts)  # type: ignore[arg-type]


def test_the_text_names_place_message_and_rule() -> None:
    assert a_problem().text() == "include/plans/shop.yaml:2:3: component 'web' names node 'web-9' [node-known]"


def test_a_warning_says_so() -> None:
    assert ":2:3: warning: " in a_problem(severity="warning").text()


def test_the_snippet_underlines_the_place() -> None:
    assert a_problem(width=3).snippet("plan: shop\n  web: {}\n") == "2 |   web: {}\n  |   ^~~"


def test_the_snippet_never_underlines_beyond_the_line() -> None:
    assert a_problem(width=30).snippet("plan: shop\n  web\n").endswith("|   ^~~")


def test_the_snippet_keeps_the_caret_in_place_after_tabs_and_control_characters() -> None:
    assert a_problem().snippet("\n\t\x1bweb\n") == "2 |   web\n  |   ^"


def test_there_is_no_snippet_of_a_line_that_is_not_there() -> None:
    assert a_problem(line=9).snippet("plan: shop\n") == ""


def test_a_workflow_command_escapes_what_would_end_it() -> None:
    problem = a_problem(message="50% of\nthe nodes", hint="write 50")

    command = problem.github()

    assert command == (
        "::error file=include/plans/shop.yaml,line=2,col=3,title=node-known::50%25 of%0Athe nodes%0Ahint: write 50"
    )


def test_json_holds_every_fact() -> None:
    assert a_problem(hint="write web-1").as_json() == {
        "path": "include/plans/shop.yaml",
        "line": 2,
        "column": 3,
        "rule": "node-known",
        "severity": "error",
        "message": "component 'web' names node 'web-9'",
        "hint": "write web-1",
    }


def test_problems_are_sorted_by_place_and_each_is_told_once() -> None:
    late, early = a_problem(line=10), a_problem(line=9)

    assert in_order([late, early, late]) == (early, late)


def test_a_hint_neither_sorts_nor_separates_problems() -> None:
    assert in_order([a_problem(hint=None), a_problem(hint="write web-1")]) == (a_problem(),)


def test_a_rejection_lists_all_problems_and_survives_a_process_boundary() -> None:
    rejected = PlanRejected([a_problem(line=3), Problem.at(Position("a.yaml"), "yaml-syntax", "the file is empty")])

    again = pickle.loads(pickle.dumps(rejected))

    assert again.problems == rejected.problems
    assert str(again).splitlines() == ["a.yaml:1:1: the file is empty [yaml-syntax]", a_problem(line=3).text()]
