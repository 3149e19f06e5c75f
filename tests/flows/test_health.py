"""One notice when an account is down, one when it is back, and which parts of a list are whole."""

from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from connectors.core.contract import Budget, Identity, Page
from connectors.core.errors import AuthRevoked, RateLimited, Refused, Transient
from inbox.flows import accounts, health, outage_mails, reconcile
from inbox.flows.poll import due, poll
from inbox.store.session import Store
from inbox.store.tables import Account, Cursor, Message, Outage, Reconciliation
from tests.clock import Clock
from tests.factories import make_user
from tests.fakes.smtp import SmtpServer
from tests.flows.desk import Desk, at, says


def run(desk: Desk) -> Any:
    return poll(desk.store, desk.settings, desk.account.id, classifier=None, now=desk.clock)


def page(*messages: Any, **more: Any) -> Page:
    return Page(messages, {}, **more)


def stored(desk: Desk) -> list[str]:
    return [message.external_id for message in desk.rows(Message)]


def account(desk: Desk) -> Account:
    found: Account = desk.rows(Account)[0]
    return found


def mails(server: SmtpServer) -> list[EmailMessage]:
    """What the server took."""
    found = [message_from_bytes(m.raw, policy=default) for m in server.accepted]
    return [m for m in found if isinstance(m, EmailMessage)]


def levels(desk: Desk, *minutes: float) -> list[str | None]:
    """The level of the outage under way after so many more minutes of silence, each time."""
    found: list[str | None] = []
    for more in minutes:
        desk.clock.forward(minutes=more)
        health.watch(desk.store, desk.clock())
        rows = [o for o in desk.rows(Outage) if o.ended_at is None]
        found.append(rows[0].level if rows else None)
    return found


def test_silence_is_stale_then_an_alarm_then_critical(desk: Desk) -> None:
    desk.clock.forward(days=1)
    run(desk)  # the account sleeps: it is asked every 4 minutes, so stale comes after 12
    assert levels(desk, 11, 2, 46, 2, 658, 2) == [
        None,
        "stale",
        "stale",
        "alarm",
        "alarm",
        "critical",
    ]
    assert len(desk.rows(Outage)) == 1


def test_what_was_written_during_the_outage_is_one_digest(desk: Desk) -> None:
    run(desk)
    levels(desk, 90)
    desk.script.pages = {"first": [page(says("1", minutes=30), says("2", minutes=60))]}
    run(desk)
    levels(desk, 0)
    (outage,) = desk.rows(Outage)
    assert (outage.arrived, outage.late, outage.ended_at) == (2, 0, desk.clock())


def test_a_paused_account_is_nobodys_outage(sqlite_desk: Desk) -> None:
    run(sqlite_desk)
    levels(sqlite_desk, 90)
    with sqlite_desk.store.write() as session:
        session.get_one(Account, sqlite_desk.account.id).state = "paused"
    assert levels(sqlite_desk, 1) == [None]


def test_the_admins_are_told_once_at_each_end(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    make_user(desk.store, "Lee Admin", "admin")
    make_user(desk.store, "Bo Agent", "agent")
    with SmtpServer(needs_sign_in=False) as server:
        desk.settings.smtp_url = SecretStr(server.url)
        run(desk)
        for minutes in (20, 45, 5, 5):  # stale; alarm; and no second word
            levels(desk, minutes)
            outage_mails.mail_due(desk.store, desk.settings, desk.clock)
        run(desk)
        levels(desk, 0)
        for _ in range(2):
            outage_mails.mail_due(desk.store, desk.settings, desk.clock)
        told = [(m["To"], m["Subject"]) for m in mails(server)]
    handle = desk.account.handle
    assert told == [
        ("lee@lumenpay.example", f"{handle} on Scripted does not deliver"),
        ("lee@lumenpay.example", f"{handle} on Scripted is back"),
    ]


def test_a_short_silence_is_mailed_to_nobody(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    make_user(desk.store, "Lee Admin", "admin")
    with SmtpServer(needs_sign_in=False) as server:
        desk.settings.smtp_url = SecretStr(server.url)
        run(desk)
        levels(desk, 20)
        run(desk)
        levels(desk, 0)
        assert outage_mails.mail_due(desk.store, desk.settings, desk.clock) == 0
        assert mails(server) == []


def test_refused_credentials_are_told_at_once(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    make_user(desk.store, "Lee Admin", "admin")
    desk.script.pages = {"first": [AuthRevoked("The key was withdrawn.")]}
    with SmtpServer(needs_sign_in=False) as server:
        desk.settings.smtp_url = SecretStr(server.url)
        run(desk)
        levels(desk, 1)
        outage_mails.mail_due(desk.store, desk.settings, desk.clock)
        (mail,) = mails(server)
    assert "The key was withdrawn." in mail.get_content()


def test_a_mail_server_that_is_down_gets_the_notice_later(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    make_user(desk.store, "Lee Admin", "admin")
    run(desk)
    levels(desk, 90)
    with SmtpServer(needs_sign_in=False) as server:
        desk.settings.smtp_url = SecretStr(server.url)
        server.faults.append("421")
        assert outage_mails.mail_due(desk.store, desk.settings, desk.clock) == 0
        desk.clock.forward(minutes=2)
        assert outage_mails.mail_due(desk.store, desk.settings, desk.clock) == 1


def test_a_check_learns_what_is_missing(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    until = desk.clock() + timedelta(days=30)
    desk.script.on_check = lambda: Identity("me", "@me", None, ("permission to hide",), until)
    desk.script.budgets = (Budget("calls", 100, 60, desk.clock()),)
    assert health.check_due(desk.store, desk.clock()) == [desk.account.id]
    health.check(desk.store, desk.settings, desk.account.id, desk.clock)
    row = account(desk)
    assert (row.missing, row.expires_at, row.checked_at) == (
        ["permission to hide"],
        until,
        desk.clock(),
    )
    assert row.budgets[0]["remaining"] == 60
    assert health.check_due(desk.store, desk.clock()) == []


def test_the_next_poll_follows_arrivals_and_quota(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.script.pages = {"first": [page(says("1", minutes=-30))]}
    run(desk)
    assert account(desk).next_poll_at == desk.clock() + timedelta(seconds=60)
    assert due(desk.store, desk.clock()) == []
    desk.clock.forward(seconds=60)
    desk.script.budgets = (Budget("calls", 100, 10, desk.clock() + timedelta(minutes=16)),)
    run(desk)
    assert account(desk).next_poll_at == desk.clock() + timedelta(minutes=4)


def test_a_stream_is_complete_from_its_oldest_item_to_the_last_look(desk: Desk) -> None:
    desk.script.pages = {"first": [page(says("1", minutes=-90)), page(says("2", minutes=-60))]}
    run(desk)
    desk.clock.forward(minutes=5)
    run(desk)
    places = {c.stream: (c.complete_from, c.complete_to) for c in desk.rows(Cursor)}
    assert places == {"first": (at(-90), at(5)), "second": (at(0), at(5))}


def test_a_walk_that_was_cut_short_claims_nothing(desk: Desk) -> None:
    pages: list[Any] = [page(says("1", minutes=-10)), Transient("The line broke.")]
    desk.script.pages = {"first": pages}
    run(desk)
    (row,) = desk.rows(Cursor)
    assert (row.complete_from, row.walk_began_at, row.walk_oldest_at) == (None, at(0), at(-10))
    desk.clock.forward(minutes=5)
    pages[1] = page(says("2", minutes=-50))
    run(desk)
    (row,) = [c for c in desk.rows(Cursor) if c.stream == "first"]
    assert (row.complete_from, row.complete_to) == (at(-50), at(0))


def compare(desk: Desk) -> int:
    return reconcile.work(
        desk.store, desk.settings, desk.account.id, classifier=None, now=desk.clock
    )


def test_a_comparison_finds_what_is_missing_and_leaves_the_cursor_alone(desk: Desk) -> None:
    desk.script.pages = {"first": [page(says("2", minutes=-20))]}
    run(desk)
    desk.script.pages = {
        "first": [page(says("2", minutes=-20)), page(says("1", minutes=-300, author="bo"))]
    }
    desk.clock.forward(minutes=1)
    reconcile.start(desk.store, desk.account.id, actor="lee", now=desk.clock())
    assert reconcile.due(desk.store, desk.clock()) == [desk.account.id]
    assert compare(desk) == 1
    rows = {r.stream: (r.state, r.pages, r.seen, r.found) for r in desk.rows(Reconciliation)}
    assert rows == {"first": ("done", 2, 2, 1), "second": ("done", 1, 0, 0)}
    first = next(c for c in desk.rows(Cursor) if c.stream == "first")
    assert (first.state, first.complete_from, first.complete_to) == ({"page": 1}, at(-300), at(1))
    assert reconcile.due(desk.store, desk.clock()) == []


def test_a_comparison_goes_on_where_it_was_after_a_limit(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    limit = RateLimited("Slow down.", desk.clock() + timedelta(minutes=3))
    pages: list[Any] = [page(says("1")), limit]
    desk.script.pages = {"first": pages}
    reconcile.start(desk.store, desk.account.id, actor="lee", now=desk.clock())
    compare(desk)
    assert reconcile.due(desk.store, desk.clock()) == []
    pages[1] = page(says("2"))
    desk.clock.forward(minutes=4)
    assert compare(desk) == 1
    assert [r.state for r in desk.rows(Reconciliation)] == ["done", "done"]


def test_a_comparison_that_is_not_permitted_ends_with_the_reason(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.script.pages = {"first": [Refused("Not permitted.")]}
    reconcile.start(desk.store, desk.account.id, actor="lee", now=desk.clock())
    compare(desk)
    assert [(r.state, r.error) for r in desk.rows(Reconciliation)] == [
        ("failed", "Not permitted."),
        ("done", None),
    ]


def test_comparisons_begin_by_themselves_each_day_but_not_where_they_cost(
    sqlite_store: Store, tmp_path: Path, clock: Clock
) -> None:
    free = Desk.open(sqlite_store, tmp_path, clock)
    priced = Account(channel="priced", handle="@priced", settings={}, state="active")
    priced.hook_key, priced.created_at = "k", clock()
    with sqlite_store.write() as session:
        session.add(priced)
    clock.forward(hours=23)
    assert reconcile.start_due(sqlite_store, clock()) == 0
    clock.forward(hours=2)
    assert reconcile.start_due(sqlite_store, clock()) == 2
    assert {r.account_id for r in free.rows(Reconciliation)} == {free.account.id}


def test_the_days_money_rests_what_costs(sqlite_store: Store, tmp_path: Path, clock: Clock) -> None:
    desk = Desk.open(sqlite_store, tmp_path, clock, "priced")
    with desk.store.write() as session:
        session.get_one(Account, desk.account.id).settings = {"daily_usd": "0.24"}
    many = [page(*(says(f"{p}-{n}") for n in range(3))) for p in range(3)]
    desk.script.pages = {"first": list(many)}
    run(desk)  # $0.20 a day for the second stream leaves $0.04: four items, so two pages
    assert desk.script.pulls.count("first") == 2
    rest = next(c.not_before for c in desk.rows(Cursor) if c.stream == "first")
    assert rest == at(0).replace(hour=0, minute=0) + timedelta(days=1)


def test_a_long_backlog_goes_on_at_once(sqlite_desk: Desk) -> None:
    """A run ends after 200 pages, so that no account starves the others, and is due again."""
    desk = sqlite_desk
    empty = [page() for _ in range(199)]
    desk.script.pages = {"first": [page(says("first")), *empty, page(says("last"))]}
    assert (run(desk).unfinished, stored(desk)) == (True, ["first"])
    assert due(desk.store, desk.clock()) == [desk.account.id]
    assert (run(desk).unfinished, stored(desk)) == (False, ["first", "last"])


def test_a_poll_that_asked_nothing_is_no_sign_of_life(desk: Desk) -> None:
    """All lists are refused: the account stays silent until one is read again."""
    desk.script.pages = {"first": [Refused("Not permitted.")], "second": [Refused("Nor this.")]}
    run(desk)
    before = account(desk)
    for _ in range(6):
        desk.clock.forward(minutes=2)
        if due(desk.store, desk.clock()):
            run(desk)
    assert (account(desk).last_success_at, account(desk).failures) == (None, before.failures)
    assert levels(desk, 50) == ["alarm"]


def test_a_stream_that_is_switched_off_is_neither_read_nor_said_to_be_complete(
    tmp_path: Path, clock: Clock, sqlite_store: Store
) -> None:
    desk = Desk.open(sqlite_store, tmp_path, clock, "rich")
    choose(desk, more="on")
    run(desk)
    assert {c.stream for c in desk.rows(Cursor) if c.complete_to} == {"first", "second"}
    choose(desk, more="off")
    desk.script.pulls.clear()
    run(desk)
    assert desk.script.pulls == ["first"]
    assert {c.stream for c in desk.rows(Cursor) if c.complete_to} == {"first"}


def choose(desk: Desk, **settings: str) -> None:
    given = {"region": "EU", **settings}
    accounts.configure(
        desk.store, desk.account.id, base_url=None, settings=given, actor="lee", now=desk.clock()
    )


def test_an_account_that_answers_a_test_is_asked_at_once_and_the_page_says_so(
    sqlite_desk: Desk,
) -> None:
    desk = sqlite_desk
    desk.script.pages = {"first": [Transient("The line broke.", retry_after_s=3600)]}
    run(desk)
    assert due(desk.store, desk.clock()) == []
    accounts.check_account(desk.store, desk.settings, account(desk), desk.clock)
    row = account(desk)
    assert (row.failures, row.last_error, row.not_before) == (0, None, None)
    assert due(desk.store, desk.clock()) == [row.id]
