"""Mailed reports from the terminal: recipients, a look beforehand, a test."""

import json
from email import message_from_bytes
from email.policy import default

import pytest

from inbox.store import audit_log
from inbox.store.audit_log import Asked
from inbox.store.session import Store
from tests.cli.conftest import Terminal
from tests.fakes.smtp import SmtpServer

RECIPIENTS = ("report", "recipients")
LEAD = "lead@lumenpay.example"


def test_a_recipient_is_added_changed_removed_and_brought_back(
    terminal: Terminal, sqlite_store: Store
) -> None:
    def known() -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(terminal(*RECIPIENTS, "--json"))
        return found

    terminal(*RECIPIENTS, "add", LEAD.upper(), "--report", "week", "--at", "08:15")
    one = {"id": 1, "address": LEAD, "locale": "en", "kinds": ["week"], "at": "08:15"}
    assert known() == [one]
    terminal(*RECIPIENTS, "change", "1", "--locale", "zh_Hans_CN", "--at", "")
    assert known() == [one | {"locale": "zh_Hans_CN", "at": None}]
    terminal(*RECIPIENTS, "remove", "1")
    assert known() == []
    terminal(*RECIPIENTS, "add", LEAD)
    assert "gets reports already" in str(terminal.run(*RECIPIENTS, "restore", "1").exception)
    terminal(*RECIPIENTS, "remove", "2")
    terminal(*RECIPIENTS, "restore", "1")
    assert LEAD in terminal(*RECIPIENTS)
    with sqlite_store.read() as session:
        acts = [row.action for row in audit_log.page(session, Asked(), 20).rows]
    ends = ("restore", "remove", "add", "remove", "change", "add")
    assert [one.removeprefix("report_recipient_") for one in acts] == list(ends)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (("add", "nobody"), "This is not an e-mail address."),
        (("add", LEAD, "--at", "25:00"), "A time is written like 07:30."),
        (("add", LEAD, "--locale", "tlh"), "Reports are written in English and Chinese."),
        (("add", LEAD, "--report", "year"), "Choose at least one report."),
        (("remove", "9"), "There is no recipient 9."),
        (("change", "9"), "There is no recipient 9."),
        (("restore", "9"), "There is no recipient 9."),
    ],
)
def test_what_cannot_be_is_named(terminal: Terminal, wrong: tuple[str, ...], says: str) -> None:
    assert says in str(terminal.run(*RECIPIENTS, *wrong).exception)


def test_a_test_leaves_at_once_marked_as_one_and_says_when_it_cannot(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = ("report", "test", "week", "--to", LEAD)
    assert "No mail server is set." in str(terminal.run(*ask).exception)
    with SmtpServer(needs_sign_in=False) as smtp:
        monkeypatch.setenv("REPLYDESK_SMTP_URL", smtp.url)
        assert LEAD in terminal(*ask)
        smtp.faults.append("550")
        assert "550" in str(terminal.run(*ask).exception)
    [sent] = smtp.accepted
    subject = message_from_bytes(sent.raw, policy=default)["subject"]
    assert subject.startswith("[Test] No answer was due")
    assert "weekly report" in terminal("report", "preview", "week")
    assert json.loads(terminal("report", "mails", "--json")) == []
