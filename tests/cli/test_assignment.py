"""`replydesk assignment …` in one process."""

import json

import pytest

from inbox.cli.common import Stop
from inbox.domain.written import Unclear
from tests.cli.conftest import Terminal


def test_it_is_switched_on_and_people_say_what_they_take(terminal: Terminal) -> None:
    ada = "ada@lumenpay.example"
    assert "Assigned by hand; waiting: 0." in terminal("assignment", "show")
    assert terminal("assignment", "on") == "Assigned by rule.\n"
    terminal("assignment", "set", ada, "--language", "es", "--skill", "refund", "--capacity", "3")
    terminal("assignment", "set", ada, "--language", "any")
    found = json.loads(terminal("assignment", "show", "--json"))
    assert found["on"] is True
    one = found["people"][0]
    assert (one["email"], one["languages"], one["skills"]) == (ada, [], ["refund"])
    assert (one["capacity"], one["open"], one["presence"]) == (3, 0, "offline")
    assert terminal("assignment", "off") == "Assigned by hand.\n"


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        (("ada@lumenpay.example", "--skill", "hugs"), Unclear),
        (("x@lumenpay.example", "--capacity", "3"), Stop),
    ],
)
def test_what_cannot_be_is_said(
    terminal: Terminal,
    wrong: tuple[str, ...],
    kind: type[Exception],
) -> None:
    assert isinstance(terminal.run("assignment", "set", *wrong).exception, kind)
