"""Text to values with places."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployplan.plan.text.located import Located, merge
from deployplan.plan.text.problem import Position
from deployplan.plan.text.scalars import Plain
from deployplan.plan.text.yaml_source import MAX_BYTES, parse_yaml, read_yaml


def tree(text: str, path: str = "a.yaml") -> Located:
    source = parse_yaml(text, path)
    assert source.tree is not None
    assert source.problems == ()
    return source.tree


def rules(text: str) -> list[str]:
    return [problem.rule for problem in parse_yaml(text, "a.yaml").problems]


def test_every_value_and_key_knows_its_place() -> None:
    found = tree("plan: shop\ncomponents:\n  web: {nodes: [web-1, web-22]}\n")

    assert found.place("components", "web", "nodes", 1) == Position("a.yaml", 3, 24, 6)
    assert found.key_place("components", "web") == Position("a.yaml", 3, 3, 3)


def test_what_is_not_there_has_the_place_of_what_would_hold_it() -> None:
    found = tree("components:\n  web: {nodes: [a]}\n")

    assert found.place("components", "web", "deploy") == found.place("components", "web")
    assert found.place("impact") == Position("a.yaml", 1, 1)


def test_quoted_and_plain_scalars_are_told_apart() -> None:
    data = tree("a: 4.10\nb: '4.10'\nc: null\nd: ~\ne:\nf: 'null'\n").data()

    assert [type(value) for value in data.values()] == [Plain, str, type(None), type(None), type(None), str]
    assert data["a"] == "4.10"


def test_keys_are_texts_whatever_they_look_like() -> None:
    assert list(tree("no: 1\n4.10: 2\n12:30: 3\n").data()) == ["no", "4.10", "12:30"]


def test_an_alias_is_written_out() -> None:
    assert tree("a: &x [1]\nb: *x\n").data() == {"a": ("1",), "b": ("1",)}


@pytest.mark.parametrize(
    "text", ["a: *missing\n", "a: &a [*a]\n", "a: &a {b: {c: *a}}\n", "a: &a [1]\nb: &b [*a, *b]\n"]
)
def test_an_alias_without_an_end_or_a_beginning_is_refused(text: str) -> None:
    assert rules(text) == ["yaml-alias"]


def test_aliases_that_hold_each_other_do_not_nest_without_bounds() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 60))]

    assert rules("\n".join(lines)) == ["yaml-depth"]


def test_an_anchor_may_be_used_as_often_as_wanted() -> None:
    text = "a: &a {x: &b 1}\nb: [*a, *a, *b]\n"

    assert tree(text).data() == {"a": {"x": "1"}, "b": ({"x": "1"}, {"x": "1"}, "1")}


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfplan: shop\n")

    found = read_yaml(path)

    assert found.problems == ()
    assert found.tree is not None


def test_windows_line_ends_are_no_mistake() -> None:
    assert tree("plan: shop\r\nauthor: erin\r\n").key_place("author") == Position("a.yaml", 2, 1, 6)


def test_a_file_over_a_mebibyte_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))

    assert [problem.rule for problem in read_yaml(path).problems] == ["file-size"]


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()

    problems = [read_yaml(tmp_path / name).problems[0] for name in ("absent.yaml", "folder.yaml")]

    assert {problem.rule for problem in problems} == {"file-readable"}


def test_a_bomb_of_aliases_is_refused_before_it_goes_off() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 20)]
    before = time.perf_counter()

    assert rules("\n".join(lines)) == ["yaml-alias"]
    assert time.perf_counter() - before < 2


def test_deep_nesting_is_refused_whatever_its_depth() -> None:
    assert rules("a: " + "[" * 100 + "]" * 100) == ["yaml-depth"]
    assert rules("a: " + "[" * 200_000) in (["yaml-depth"], ["yaml-syntax"])


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85"])
def test_lines_are_counted_as_yaml_counts_them(character: str) -> None:
    text = f"a: 'x{character}y'\nb: 1\nb: 2\n"

    (problem,) = parse_yaml(text, "a.yaml").problems

    assert problem.snippet(text).startswith(f"{problem.line} | b: 2")


@given(st.text())
def test_no_text_at_all_makes_reading_raise(text: str) -> None:
    source = parse_yaml(text, "a.yaml")

    assert source.tree is not None or source.problems


@given(st.text(alphabet="ab:- \n\t[]{},&*!|>'\"#?%@`", max_size=60))
def test_no_text_of_yaml_marks_makes_reading_raise(text: str) -> None:
    source = parse_yaml(text, "a.yaml")

    assert source.tree is not None or source.problems
    assert all(problem.line >= 1 and problem.column >= 1 for problem in source.problems)


def test_mappings_merge_by_key_and_places_stay_with_their_file() -> None:
    base = tree("web:\n  nodes: [a, b]\n  deploy: x\n", "procedure.yaml")
    over = tree("web:\n  nodes: [c]\n", "plan.yaml")

    both = merge(base, over)

    assert both.data() == {"web": {"nodes": ("c",), "deploy": "x"}}
    assert both.place("web", "nodes", 0).path == "plan.yaml"
    assert both.place("web", "deploy").path == "procedure.yaml"
    assert both.key_place("web").path == "plan.yaml"


def test_a_list_or_scalar_replaces_a_mapping_and_the_other_way_round() -> None:
    assert merge(tree("a: {b: 1}"), tree("a: [2]")).data() == {"a": ("2",)}
    assert merge(tree("a: [2]"), tree("a: {b: 1}")).data() == {"a": {"b": "1"}}
