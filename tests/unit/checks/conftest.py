"""What the tests of the checks have in common."""

from collections.abc import Iterator

import pytest

from unit.checks.http_site import Site, serving


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as running:
        yield running
