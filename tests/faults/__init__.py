"""Faults: what is killed, cut, frozen or filled up while a release is under way, and what must come of it."""

import pytest

pytest.register_assert_rewrite("faults.matrix", "faults.scene", "faults.gates", "faults.schedule")
