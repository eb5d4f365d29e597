import pytest

from deployplan.checks.placeholder import UnknownPlaceholder, question_for
from deployplan.plan.model.infrastructure import Node


def a_node(host: str = "10.0.0.7", **variables: str | int) -> Node:
    return Node(name="web-1", host=host, vars=variables)


def test_node_and_host_stand_for_the_address_and_name_for_the_name() -> None:
    assert question_for("http://{node}/{host}/{name}", a_node()) == "http://10.0.0.7/10.0.0.7/web-1"


def test_a_nodes_variables_stand_for_their_values() -> None:
    assert question_for("http://{node}:{port}/{shop}", a_node(port=8080, shop="lyon")) == "http://10.0.0.7:8080/lyon"


def test_an_ipv6_address_gets_the_brackets_that_a_url_needs() -> None:
    assert question_for("http://{node}:8080/", a_node("fd00::7")) == "http://[fd00::7]:8080/"


def test_brackets_that_the_author_wrote_are_not_doubled() -> None:
    assert question_for("http://[{node}]:8080/", a_node("fd00::7")) == "http://[fd00::7]:8080/"


def test_other_braces_stay_the_characters_they_are() -> None:
    assert question_for('http://web/?q={"a":{}}&b={1}', a_node()) == 'http://web/?q={"a":{}}&b={1}'


def test_a_placeholder_that_the_node_does_not_know_is_named_with_those_it_knows() -> None:
    with pytest.raises(
        UnknownPlaceholder, match=r"nothing stands for \{prot\} on web-1; known are host, name, node, port"
    ):
        question_for("http://{node}:{prot}/", a_node(port=1))


def test_a_placeholder_without_a_node_is_refused() -> None:
    with pytest.raises(UnknownPlaceholder, match=r"nothing stands for \{node\}: it is read from here, on no node"):
        question_for("http://{node}/", None)


def test_a_url_without_placeholders_needs_no_node() -> None:
    assert question_for("http://bill-1:8080/health", None) == "http://bill-1:8080/health"
