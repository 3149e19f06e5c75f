"""`replydesk users …` in one process, on an empty database."""

import json
import re

import pytest

from inbox.cli.common import Stop
from tests.cli.conftest import Terminal


def states(terminal: Terminal) -> dict[str, str]:
    return {one["email"]: one["state"] for one in json.loads(terminal("users", "list", "--json"))}


def test_people_are_invited_shut_out_and_let_in_again(terminal: Terminal) -> None:
    link = terminal("users", "invite", "dee@lumenpay.example", "--role", "lead")
    assert re.search(r"http://\S+/join/\S{43}", link)
    terminal("users", "disable", "bo@lumenpay.example")
    found = states(terminal)
    assert found["dee@lumenpay.example"].startswith("invited until")
    assert found["bo@lumenpay.example"] == "shut out"
    terminal("users", "enable", "bo@lumenpay.example")
    terminal("users", "role", "Bo@LumenPay.example", "admin")
    assert states(terminal)["bo@lumenpay.example"] == "active"
    assert "ended" in terminal("users", "sessions", "bo@lumenpay.example", "--end")
    assert json.loads(terminal("users", "sessions", "bo@lumenpay.example", "--json")) == []
    assert "password alone" in terminal("users", "reset-totp", "bo@lumenpay.example")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("disable", "ada@lumenpay.example"), "last admin"),
        (("role", "ada@lumenpay.example", "lead"), "last admin"),
        (("role", "bo@lumenpay.example", "king"), "role is one of"),
        (("enable", "no@lumenpay.example"), "Nobody has the address"),
        (("invite", "bo@lumenpay.example"), "has an account already"),
        (("invite", "nobody"), "not an e-mail"),
    ],
)
def test_what_cannot_be_done_is_said(
    terminal: Terminal, arguments: tuple[str, ...], says: str
) -> None:
    ran = terminal.run("users", *arguments)
    assert isinstance(ran.exception, Stop)
    assert says in str(ran.exception)


def test_the_brand_says_which_roles_must_have_a_second_step(terminal: Terminal) -> None:
    terminal("brand", "--two-step", "admin", "--two-step", "lead")
    assert json.loads(terminal("brand", "--json"))["two_step"] == ["admin", "lead"]
    terminal("brand", "--two-step", "none")
    assert json.loads(terminal("brand", "--json"))["two_step"] == []


def test_presence_is_told_and_chosen_for_somebody(terminal: Terminal) -> None:
    bo = "bo@lumenpay.example"
    assert terminal("users", "presence", bo) == f"{bo} is offline.\n"
    assert terminal("users", "presence", bo, "away") == f"{bo} is away.\n"
    said = json.loads(terminal("users", "presence", bo, "--json"))
    assert said == {"email": bo, "presence": "away"}
    assert isinstance(terminal.run("users", "presence", bo, "asleep").exception, Stop)


def test_a_lead_who_is_not_among_the_members_given_leads_no_more(terminal: Terminal) -> None:
    def lead(*given: str) -> str | None:
        terminal("teams", "change", "Cards", *given)
        found: list[dict[str, str | None]] = json.loads(terminal("teams", "list", "--json"))
        return found[0]["lead"]

    bo = "bo@lumenpay.example"
    terminal("teams", "add", "Cards", "--lead", bo)
    assert lead("--rename", "Cards") == lead("--member", bo.upper()) == bo
    assert lead("--member", "none") is None
    assert lead("--member", "none", "--lead", bo) == bo
