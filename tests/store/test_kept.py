"""What is kept for a state of the database is true after every kind of change."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from inbox.store import (
    accounts,
    drafts,
    due,
    events,
    inbox_list,
    notes,
    notices,
    people,
    presence,
    roster,
    scope,
    surges,
    views,
)
from inbox.store.kept import MOST, Known
from inbox.store.session import Store
from inbox.store.tables import Brand, Contact, Conversation, Draft, User
from inbox.web import list_view
from tests.clock import MONDAY
from tests.factories import make_account, make_brand, make_conversation, make_user
from tests.store.test_inbox_list import counted

KEPT: list[Callable[[Session], Any]] = [
    lambda s: inbox_list.counts(s, 1),
    lambda s: inbox_list.badges(s, MONDAY),
    lambda s: due.by_hour(s, MONDAY, MONDAY + timedelta(minutes=20)),
    lambda s: [account.state for account in accounts.seen(s)],
    lambda s: getattr(accounts.brand(s), "name", None),
    events.newest_id,
    lambda s: notices.unread(s, 1),
    lambda s: surges.newest_growing(s, 1),
    lambda s: views.visible(s, 1),
    lambda s: list_view.standing(s, "due", 1, None),
    lambda s: list_view.standing_critical(s, 1),
    lambda s: drafts.among(s, 1, [1, 2, 3]),
    lambda s: presence.signs(s, [1], MONDAY),
    lambda s: people.signed_in(s, "hash", MONDAY, timedelta(hours=1)),
    lambda s: scope.hidden_from(s, 1, "agent"),
    lambda s: notes.team(s, 1),
    roster.newest_number,
]


def every(session: Session) -> list[Any]:
    return [work(session) for work in KEPT]


def same_as_anew(store: Store) -> bool:
    """What a page reads beside what a transaction that writes, which keeps nothing, works out."""
    with store.read() as session:
        read = every(session)
    with store.write() as session:
        return read == every(session)


def one(model: Any, **values: Any) -> Callable[[Session], Any]:
    """A change of the first row alone."""
    return lambda s: s.execute(update(model).where(model.id == 1).values(**values))


CHANGES: dict[str, Callable[[Session], Any]] = {
    "assigned": one(Conversation, assignee_id=1),
    "later": one(Conversation, due_at=MONDAY + timedelta(hours=3, minutes=1)),
    "muted": one(Contact, muted=True),
    "unmuted": one(Contact, muted=False),
    "read": one(Conversation, unread=0),
    "blocked": one(Contact, blocked=True),
    "joined": lambda s: s.execute(update(Contact).where(Contact.id < 3).values(person_id=1)),
    "snoozed": lambda s: s.execute(
        update(Conversation).where(Conversation.id > 3).values(status="snoozed", back_at=MONDAY)
    ),
    "told": lambda s: events.announce(s, "conversation", MONDAY),
    "named": one(Brand, name="Another Pay"),
    "signed in": lambda s: people.open_session(s, 1, "hash", MONDAY, timedelta(hours=1)),
    "touched": lambda s: people.touch(s, "hash", MONDAY + timedelta(minutes=1)),
    "away": lambda s: presence.choose(s, 1, "away", MONDAY),
    "of another role": one(User, role="lead"),
    "disabled": one(User, disabled_at=MONDAY),
    "begun": lambda s: s.add(
        Draft(user_id=1, conversation_id=1, key="k", mode="public", words="Hi", at=MONDAY)
    ),
    "done": lambda s: s.execute(update(Conversation).values(status="resolved", due_at=None)),
}


def test_what_is_kept_is_what_would_be_counted_after_every_change(store: Store) -> None:
    make_brand(store)
    make_user(store)
    account = make_account(store)
    for minutes in (-90, 10, 100, 200, 1445):
        due_at = MONDAY + timedelta(minutes=minutes)
        make_conversation(store, account, unread=2, due_at=due_at)
        assert same_as_anew(store)
    other = Store(store.url)  # as another process
    for name, change in CHANGES.items():
        for reader in (store, other):
            assert same_as_anew(reader), name
        with other.write() as session:
            change(session)
            with store.read() as before:
                was = every(before)
        with store.read() as session:
            now = every(session)
        assert now != was, name
        assert same_as_anew(store), name
    other.close()


def test_an_unchanged_database_is_not_asked_again(store: Store) -> None:
    make_conversation(store)
    with store.read() as session:
        every(session)
    with counted(store) as statements, store.read() as session:
        inbox_list.counts(session, 1)
        inbox_list.badges(session, MONDAY)
        accounts.brand(session)
    asked = [said for said in statements if said.startswith("SELECT")]
    versions = [said for said in asked if "snapshot" in said]
    assert len(asked) == len(versions)
    assert len(versions) == (0 if store.is_sqlite else 1)


@pytest.mark.parametrize("hidden", [False, True])
def test_what_one_sees_is_not_given_to_another(store: Store, hidden: bool) -> None:
    made = make_conversation(store)
    for seen in (store.seen_by(frozenset({made.account_id} if hidden else ())), store):
        with seen.read() as session:
            many = inbox_list.counts(session, 0)["due"]
        assert many == (0 if hidden and seen is not store else 1)


def test_a_change_between_beginning_and_looking_is_not_taken_for_older(store: Store) -> None:
    make_conversation(store)
    with store.read() as session:
        session.connection()
        accounts.brand(session)
        make_conversation(store)
        counts = inbox_list.counts(session, 0)["due"]
    with store.read() as session:
        assert inbox_list.counts(session, 0)["due"] == 2 >= counts


def test_no_more_is_kept_than_there_is_room_for() -> None:
    known = Known()
    for query in ("one", "another"):  # each has its own room
        for n in range(MOST + 10):
            assert known.of(query, n, "v", partial(int, n), MOST) == n
    assert known.of("one", MOST, "v", partial(int, -1), MOST) == MOST
    assert known.of("one", 0, "v", partial(int, -1), MOST) == -1  # wanted longest ago


def test_what_is_due_is_told_to_the_microsecond_while_nothing_changes(store: Store) -> None:
    """Only what falls due within the minute is looked through by each page."""
    rng = random.Random(7)
    account, start = make_account(store), MONDAY - timedelta(hours=1)
    due_ats = [start + timedelta(microseconds=rng.randrange(93_600_000_000)) for _ in range(60)]
    due_ats += [MONDAY, MONDAY + timedelta(days=1)]
    for due_at in due_ats:
        make_conversation(store, account, due_at=due_at)
    ticks = [timedelta(microseconds=n) for n in (-1, 0, 1)]
    edges = [at + tick - timedelta(days=n) for at in due_ats[-9:] for tick in ticks for n in (0, 1)]
    for now in edges:
        hour = now.replace(minute=0, second=0, microsecond=0)
        with store.read() as session:
            tide, overdue = due.by_hour(session, hour, now), due.overdue(session, now)
        ahead = sorted(at for at in due_ats if now <= at <= now + timedelta(days=1))
        assert overdue == sum(at < now for at in due_ats)
        counted = Counter((at - hour) // timedelta(hours=1) for at in ahead)
        assert [many for _, many in tide] == list(counted.values())
        assert {first for first, _ in tide} <= set(ahead)
        assert [first for first, _ in tide][:1] == ahead[:1]


@pytest.mark.parametrize("large", [4, 5])
def test_a_large_tide_is_counted_once_a_minute(
    store: Store, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A smaller one after every change."""
    monkeypatch.setattr(due, "LARGE", large)
    account = make_account(store)
    for hours in range(2, 6):
        make_conversation(store, account, due_at=MONDAY + timedelta(hours=hours))

    def tide(now: timedelta) -> int:
        with store.read() as session:
            return len(due.by_hour(session, MONDAY, MONDAY + now))

    assert tide(timedelta()) == 4
    make_conversation(store, account, due_at=MONDAY + timedelta(hours=7))
    assert tide(timedelta(seconds=59)) == (4 if large == 4 else 5)
    assert tide(timedelta(seconds=60)) == 5


@pytest.mark.parametrize("told_to", [3, 4])
def test_what_is_told_no_further_is_counted_once_a_minute(
    store: Store, told_to: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that is told is counted after every change."""
    monkeypatch.setattr(due, "COUNT_TO", told_to)
    account = make_account(store)
    for _ in range(3):
        make_conversation(store, account, due_at=MONDAY - timedelta(hours=1), unread=1)

    def badges(now: timedelta) -> tuple[int, int]:
        with store.read() as session:
            found = inbox_list.badges(session, MONDAY + now)
            return found.overdue, found.unread

    assert badges(timedelta()) == (3, 3)
    with store.write() as session:
        session.execute(update(Conversation).values(status="resolved"))
    assert badges(timedelta(seconds=59)) == ((3, 3) if told_to == 3 else (0, 0))
    assert badges(timedelta(seconds=60)) == (0, 0)
