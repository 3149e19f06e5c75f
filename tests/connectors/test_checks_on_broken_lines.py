"""Every contract check on every platform while its line breaks, call after call.

In CI the faults take turns. With REPLYDESK_EVERY_FAULT set (`make faults`), every check meets every
fault on its own, at the first, second and third exchange of its calls in turn.
"""

import os
from collections.abc import Callable
from itertools import cycle, islice

import pytest

import connectors.core.registry as registry
from tests.connectors.harness import skipped_where_not_offered
from tests.connectors.patient import broken_line
from tests.connectors.test_checks import CHECKS
from tests.fakes.proxy import HttpProxy, TcpProxy

# These bring faults of their own and look at the very errors that are made good here.
OWN_FAULTS = {
    "check_faults_say_what_now_on_a_pull",
    "check_faults_say_what_now_on_a_send",
    "check_a_lost_answer_is_found_again",
}
FAULTS = tuple({**HttpProxy.FAULTS, **TcpProxy.FAULTS})
ALONE = FAULTS if os.environ.get("REPLYDESK_EVERY_FAULT") else ()


@pytest.mark.parametrize("fault", ["in turn", *ALONE])
@pytest.mark.parametrize(
    ("nth", "check"),
    [(n, c) for n, c in enumerate(CHECKS) if c.__name__ not in OWN_FAULTS],
    ids=lambda value: getattr(value, "__name__", "")[len("check_") :],
)
@pytest.mark.parametrize("channel", registry.channels())
def test_platform(channel: str, nth: int, check: Callable[[str], None], fault: str) -> None:
    """In turn each check begins with another fault, so that short ones meet them all together."""
    faults = islice(cycle(FAULTS), nth, None) if fault == "in turn" else cycle([fault])
    with skipped_where_not_offered(channel), broken_line(faults):
        check(channel)
