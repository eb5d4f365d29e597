"""Ctrl-C, kill and a closed terminal."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

PROGRAM = """
import signal, sys, time
signal.signal(signal.SIGHUP, signal.SIG_IGN if "nohup" in sys.argv else signal.SIG_DFL)
from deployplan.local.stopping import StopRequested, stop_on_signals

try:
    with stop_on_signals() as finish:
        try:
            print("there", flush=True)
            if sys.argv[1] in ("asked", "nohup"):
                time.sleep(600)
            finish()
        finally:
            print("stopping", flush=True)
            sys.stdin.readline()
            print("done stopping", flush=True)
except StopRequested:
    print("stopped", flush=True)
"""


@pytest.fixture
def program(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, "-c", PROGRAM, request.param]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        yield process
        process.kill()


def next_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def let_it_finish(process: subprocess.Popen[str]) -> str:
    return process.communicate("\n", timeout=20)[0]


@pytest.mark.parametrize("program", ["asked"], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_stops_and_impatient_ones_do_not_cut_the_stop_short(
    program: subprocess.Popen[str], number: signal.Signals
) -> None:
    program.send_signal(number)
    assert next_line(program) == "stopping\n"
    for impatient in (signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        program.send_signal(impatient)
    assert let_it_finish(program) == "done stopping\nstopped\n"
    assert program.returncode == 0


@pytest.mark.parametrize("program", ["unasked"], indirect=True)
def test_a_program_that_stops_by_itself_is_not_disturbed_by_signals(program: subprocess.Popen[str]) -> None:
    assert next_line(program) == "stopping\n"
    program.send_signal(signal.SIGINT)
    assert let_it_finish(program) == "done stopping\n"
    assert program.returncode == 0


@pytest.mark.parametrize("program", ["nohup"], indirect=True)
def test_a_program_that_was_told_to_outlive_its_terminal_does(program: subprocess.Popen[str]) -> None:
    program.send_signal(signal.SIGHUP)
    program.send_signal(signal.SIGTERM)
    assert next_line(program) == "stopping\n"
    assert let_it_finish(program) == "done stopping\nstopped\n"
