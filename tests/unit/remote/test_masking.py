"""No form of a secret that a script is likely to print is left in a text."""

import base64
import html
import json
import re
import urllib.parse
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployplan.remote.masking import Masks

SECRET = "s3cr3t/pa$$ wörd+&'\"<é>"
FORMS: dict[str, Callable[[str], str]] = {
    "itself": str,
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64 of a line": lambda value: base64.b64encode(f"{value}\n".encode()).decode(),
    "base64 for URLs": lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
    "basic authentication": lambda value: base64.b64encode(f"user:{value}".encode()).decode(),
    "base64 with a name before": lambda value: base64.b64encode(f"me:{value}".encode()).decode(),
    "URL": urllib.parse.quote,
    "URL, slashes too": lambda value: urllib.parse.quote(value, safe=""),
    "form": urllib.parse.quote_plus,
    "URL in lower case": lambda value: re.sub("%..", lambda hex_: hex_[0].lower(), urllib.parse.quote(value)),
    "JSON": lambda value: json.dumps(value)[1:-1],
    "JSON in UTF-8": lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
    "HTML": html.escape,
    "shell's trace": lambda value: "'" + value.replace("'", "'\\''") + "'",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_replaced_in_every_form(form: str) -> None:
    told = FORMS[form](SECRET)
    masked = Masks([SECRET])(f"before {told} after")
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert "***" in masked
    assert not any(told[at : at + 12] in masked for at in range(len(told) - 12))


@settings(deadline=None)
@given(
    value=st.text(st.characters(min_codepoint=33, max_codepoint=1000), min_size=9, max_size=40),
    before=st.binary(max_size=4),
)
def test_a_secret_is_found_in_base64_wherever_it_stands_in_what_was_encoded(value: str, before: bytes) -> None:
    encoded = base64.b64encode(before + value.encode() + b"!").decode()
    assert "***" in Masks([value])(encoded)


@given(value=st.text(min_size=4, max_size=60), text=st.text(max_size=60))
def test_the_value_itself_is_never_left(value: str, text: str) -> None:
    masked = Masks([value])(f"{text}{value}{text}")
    assert value not in masked or value in "***"


def test_a_key_of_many_lines_is_replaced_line_by_line() -> None:
    key = "-----BEGIN KEY-----\nAAAAB3NzaC1yc2EAAAADAQ\nBBBBB3NzaC1yc2EAAAADAQ\n-----END KEY-----\n"
    masks = Masks([key])
    assert masks("> AAAAB3NzaC1yc2EAAAADAQ") == "> ***"
    assert masks(key) == "***"


def test_a_long_value_in_base64_is_replaced_though_it_was_wrapped() -> None:
    value = "correct horse battery staple " * 9
    encoded = base64.encodebytes(value.encode()).decode()
    masked = Masks([value])(encoded)
    assert not any(line in masked for line in encoded.splitlines() if len(line) > 20)


def test_what_was_cut_off_in_the_middle_of_a_secret_is_not_left() -> None:
    masks = Masks(["correct-horse"])
    assert masks.cut("token is correct-ho") == "token is ***"
    assert masks.cut("rect-horse is the token") == "*** is the token"
    assert masks.cut("printed 'correct-h…', expected 'x'") == "printed '***…', expected 'x'"
    assert masks("this is correct") == "this is correct"


def test_a_longer_secret_that_contains_a_shorter_one_is_replaced_whole() -> None:
    assert Masks(["hunter", "hunter2-and-more"])("hunter2-and-more hunter") == "*** ***"


def test_a_value_that_is_too_short_to_hide_anything_is_left_alone() -> None:
    assert Masks(["1", "abc", ""])("1 abc") == "1 abc"


def test_facts_are_masked_at_any_depth() -> None:
    facts = {"why": "said hunter2!", "nodes": {"web-1": {"why": ["hunter2"], "exit": 3}}}
    assert Masks(["hunter2"]).facts(facts) == {"why": "said ***!", "nodes": {"web-1": {"why": ["***"], "exit": 3}}}
