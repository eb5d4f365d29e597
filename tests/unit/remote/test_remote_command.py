import subprocess

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deployplan.remote.command import Command, Secret, exports, quote

ANY_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
NASTY = [
    "",
    "-n",
    "--",
    "~",
    "~/x",
    "$(touch x)",
    "`id`",
    "{{ ds }}",
    "a'b\"c\\",
    "line\nline\n",
    "\n",
    "*",
    "é€😀",
    "=x",
    "\x81\x88",
]


def said_by_sh(script: str) -> bytes:
    return subprocess.run(["/bin/sh"], input=script.encode(), capture_output=True, check=True).stdout


@given(ANY_TEXT)
@example("'" * 50)
def test_a_quoted_word_arrives_as_the_characters_it_is(text: str) -> None:
    assert said_by_sh(f"printf %s. {quote(text)}") == text.encode() + b"."


@pytest.mark.parametrize("text", NASTY)
def test_nasty_words_arrive_as_they_are(text: str) -> None:
    assert said_by_sh(f"printf %s. {quote(text)}") == text.encode() + b"."


@given(st.lists(ANY_TEXT, min_size=1, max_size=5))
def test_many_exports_arrive_as_they_are(values: list[str]) -> None:
    env = {f"V{number}": value for number, value in enumerate(values)}
    shown = "".join(f'printf "%s\\0" "$V{number}"\n' for number in range(len(values)))
    # sh printf cannot print NUL from an argument, but can from its format.
    assert said_by_sh(exports(env) + shown) == b"".join(value.encode() + b"\0" for value in values)


def test_a_nul_is_refused() -> None:
    with pytest.raises(ValueError, match="a NUL character cannot be passed to a shell: 'a\\\\x00b'"):
        quote("a\0b")


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A B", "A=B", "A\n", "é", "A;id"])
def test_a_name_that_is_no_variable_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="letters, digits and _ only"):
        exports({name: "x"})


def test_a_secret_never_shows_its_value() -> None:
    secret = Secret("hunter2")
    command = Command("release", "install", "/srv/a b", env={"TOKEN": secret, "MODE": "fast one"})
    assert str(command) == "TOKEN=*** MODE='fast one' release install '/srv/a b'"
    for text in (str(secret), repr(secret), f"{secret}", str([secret]), repr(command), repr({"a": secret})):
        assert "hunter2" not in text
    assert "hunter2" in command.to_shell()


def test_a_secret_cannot_be_a_word_because_the_node_shows_words_to_everybody() -> None:
    with pytest.raises(ValueError, match="pass it in env"):
        Command("login", Secret("hunter2"))  # type: ignore[arg-type]


def test_a_command_runs_as_its_words() -> None:
    command = Command("printf", "%s|%s|%s", "a b", "", "$HOME; rm -rf /", env={"X": "it's"})
    assert said_by_sh(command.to_shell()) == b"a b||$HOME; rm -rf /"
