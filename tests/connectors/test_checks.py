"""Every contract check on every platform in `connectors/`."""

from collections.abc import Callable

import pytest

import connectors.core.registry as registry
from tests.connectors import checks, offer_checks
from tests.connectors.harness import FIXTURES, skipped_where_not_offered

CHECKS = (*checks.CHECKS, *offer_checks.CHECKS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__[len("check_") :])
@pytest.mark.parametrize("channel", registry.channels())
def test_platform(channel: str, check: Callable[[str], None]) -> None:
    with skipped_where_not_offered(channel):
        check(channel)


def test_every_fixtures_folder_belongs_to_a_platform() -> None:
    folders = {p.name for p in FIXTURES.iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert folders <= set(registry.channels())
