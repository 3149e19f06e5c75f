"""The wall: big figures for a room, and nothing of customers but channel and time."""

from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from inbox.flows import rostering
from inbox.store import wall
from inbox.store.session import Store
from inbox.store.tables import Contact, Conversation, TurnRow, User
from tests.clock import MONDAY
from tests.factories import make_account, make_conversation
from tests.flows.test_planning import SHIFT, keep
from tests.web.serving import Site
from tests.web.test_roster import shown

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def waits(store: Store, minutes: float, channel: str = "x") -> None:
    """Somebody who is due in so many minutes, or late by them."""
    due = MONDAY + minutes * MINUTE
    account = make_account(store, channel)
    make_conversation(store, account, opened_at=due - timedelta(days=1), due_at=due)


def test_it_shows_how_long_people_wait_and_nothing_else_of_them(
    site: Site, bo: User, cy: User
) -> None:
    screen = site.signed_in(bo)
    empty = shown(screen.get("/wall").text)
    assert "Nobody waits longer than promised." in empty
    assert "Nobody waits." in empty
    assert "There are no shifts." in empty
    waits(site.store, 180)
    assert "The next is due today 12:00." in shown(screen.get("/wall").text)
    waits(site.store, -95)
    waits(site.store, 0, "email")
    for _ in range(6):
        waits(site.store, 24, "mastodon")
    blocked = make_conversation(site.store, due_at=MONDAY - MINUTE)
    with site.store.write() as session:
        session.get_one(Contact, blocked.contact_id).blocked = True
    page = screen.get("/wall").text
    text = shown(page)
    assert "Late 1 X late 1 h 35 min" in text
    assert "Due in 2 hours 7 E-mail 0 min Mastodon 24 min" in text
    assert "and 2 more" in text
    assert [word for word in ("Lin Yue", "@customer", "refund") if word in page] == []
    assert ('data-theme="dark"' in page, 'id="wall"' in page) == (True, True)
    assert page.count('<h2 id="wall-') == 4
    assert page.count('"><a href="/">') == 2
    assert 'data-theme="light"' in screen.get("/wall?theme=light").text
    assert ("data-keep" in page, "data-keep" in site.signed_in(cy).get("/wall").text) == (
        False,
        True,
    )
    assert 'href="/wall"' in screen.get("/roster").text


def test_a_thousand_that_are_late_do_not_hide_what_is_due_soon(site: Site, bo: User) -> None:
    account = make_account(site.store)
    late = make_conversation(site.store, account, due_at=MONDAY - DAY)
    copied = [column.name for column in Conversation.__table__.columns if column.name != "id"]
    with site.store.write() as session:
        one = session.get_one(Conversation, late.id)
        row = {name: getattr(one, name) for name in copied}
        many = [row | {"thread": f"late {n}", "token": f"late {n}"} for n in range(1000)]
        session.execute(insert(Conversation), many)
    waits(site.store, 30)
    text = shown(site.signed_in(bo).get("/wall").text)
    assert "Late 1,000+ " in text
    assert "Due in 2 hours 1 X 30 min" in text


def test_it_says_who_is_on_duty_and_how_the_last_hour_went(site: Site, ada: User, bo: User) -> None:
    shift = SHIFT | {"people": [ada.email, bo.email]}
    rostering.change_shifts(site.store, {"shift": [shift]}, actor="ada", now=MONDAY)
    late: dict[str, Any] = {
        "opened_at": MONDAY - timedelta(days=2),
        "due_at": MONDAY - timedelta(days=1),
    }
    answered: list[dict[str, Any]] = [
        {"opened_at": MONDAY - 90 * MINUTE, "ended_at": MONDAY - 60 * MINUTE},  # an hour ago
        {"opened_at": MONDAY - 90 * MINUTE, "ended_at": MONDAY - 59 * MINUTE},
        late | {"ended_at": MONDAY},
        {"opened_at": MONDAY - 9 * MINUTE, "ended_at": MONDAY, "end": "excused"},
    ]
    keep(site.store, answered)  # its conversation's message came now
    screen = site.signed_in(ada)
    text = shown(screen.get("/wall").text)
    assert "On duty Ada Voss Bo Narin offline" in text
    assert "Received 1 Answered 2 In time 50 %" in text
    site.clock.forward(hours=10)
    assert "Nobody is on duty now." in shown(screen.get("/wall").text)


def test_on_both_engines_it_counts_what_its_reader_sees(store: Store) -> None:
    seen, hidden = make_account(store), make_account(store)
    for account in (seen, hidden):
        row = make_conversation(store, account)
        with store.write() as session:
            turn = session.query(TurnRow).filter_by(conversation_id=row.id).one()
            turn.end, turn.ended_at = "answered", MONDAY
    hour, soon = timedelta(hours=1), MONDAY + timedelta(days=2)
    with store.seen_by(frozenset({hidden.id})).read() as session:
        assert wall.since(session, MONDAY - hour, MONDAY) == wall.Since(1, 1, 1)
        assert len(wall.waiting(session, None, soon, 9)) == 1
        assert wall.next_due(session, MONDAY) == MONDAY + timedelta(days=1)
    with store.read() as session:
        assert wall.since(session, MONDAY - hour, MONDAY) == wall.Since(2, 2, 2)
        assert len(wall.waiting(session, None, soon, 1)) == 1
        due = MONDAY + timedelta(days=1)
        assert wall.waiting(session, MONDAY, due, 9) == []
        assert len(wall.waiting(session, due, soon, 9)) == 2
