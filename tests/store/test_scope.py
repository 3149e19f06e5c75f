"""Each list, read by somebody from whom accounts are hidden, is the whole one without them."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, TypeAlias

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.domain import rules_written
from inbox.domain.teams import hidden
from inbox.flows import contacts, finding, people, rule_book, tokens
from inbox.store import (
    accounts,
    answers,
    assigning,
    conversations,
    drafts,
    due,
    forecast,
    inbox_list,
    notices,
    outbox,
    persons,
    scope,
    search,
    teams,
    thread,
)
from inbox.store.session import Store
from inbox.store.tables import Account, Contact, Conversation, Draft, User
from tests.clock import MONDAY
from tests.factories import (
    make_account,
    make_conversation,
    make_reply,
    make_team,
    make_user,
    numbers,
)
from tests.store.test_inbox_list import counted

HOUR = timedelta(hours=1)
ALL = rules_written.rules({"rule": [{"id": "all", "name": "All", "hide": True}]})
Lists: TypeAlias = dict[str, Callable[[Session], Iterable[int]]]


@pytest.fixture
def filled(sqlite_store: Store) -> Store:
    """Three accounts with conversations in each state, each with a draft, an answer and a notice of
    Ada's."""
    store = sqlite_store
    ada = make_user(store)
    for account in [make_account(store) for _ in range(3)]:
        for status in ("open", "open", "waiting", "snoozed", "resolved"):
            back = MONDAY + HOUR if status == "snoozed" else None
            made = make_conversation(store, account, status=status, back_at=back)
            make_reply(store, made, ada)
            with store.write() as session:
                said: dict[str, Any] = {"key": f"k{next(numbers)}", "mode": "note", "words": "We"}
                about = {"user_id": ada.id, "conversation_id": made.id}
                session.add(Draft(**about, **said, at=MONDAY))
                notices.tell(session, [ada.id], "message", made.id, "Lin", "hello", MONDAY)
                search.update_message(session, made.last_message_id or 0)
    return store


def lists(ada: int, every: list[int]) -> Lists:
    """What is read for a person, as numbers of conversations."""

    def ids(rows: Any) -> list[int]:
        return [row.id for row in rows]

    def of(rows: Any) -> list[int]:
        return [row.conversation_id for row in rows]

    def found(session: Session, text: str) -> list[int]:
        return of(finding.find(session, text, now=MONDAY, me=ada).found)

    def tried(session: Session) -> list[int]:
        return of(rule_book.try_out(session, ALL, MONDAY + HOUR).hits[0].shown)

    return {
        "due": lambda s: ids(inbox_list.page(s, "due", ada)[0]),
        "all": lambda s: ids(inbox_list.page(s, "all", ada)[0]),
        "api due": lambda s: ids(conversations.listed(s, "due", 50).rows),
        "api all": lambda s: ids(conversations.listed(s, "all", 50).rows),
        "some": lambda s: sorted(ids(inbox_list.some(s, every))),
        "api some": lambda s: sorted(conversations.some(s, every)),
        "filters": lambda s: found(s, "is:open"),
        "words": lambda s: found(s, "refund"),
        "drafts": lambda s: of(drafts.listed(s, ada)),
        "outbox": lambda s: [row[0].conversation_id for row in outbox.listed(s, None, None, 50)],
        "notices": lambda s: of(notices.listed(s, ada, 50)),
        "queue": lambda s: ids(assigning.waiting(s, 50)),
        "forecast": lambda s: of(forecast.due_between(s, MONDAY, MONDAY + 48 * HOUR)),
        "trial": tried,
        "exists": lambda s: [one for one in every if thread.exists(s, one)],
        "known": lambda s: sorted(scope.known(s, every)),
    }


def counts(session: Session, ada: int) -> dict[str, int]:
    """How many open conversations each count says."""
    badges = inbox_list.badges(session, MONDAY + 72 * HOUR)
    tide = due.by_hour(session, MONDAY + 20 * HOUR, MONDAY + 20 * HOUR)
    views = inbox_list.counts(session, ada)
    return {
        "due": views["due"],
        "unassigned": views["unassigned"],
        "overdue": badges.overdue,
        "unread": badges.unread,
        "tide": sum(row.many for row in tide),
        "search": finding.count(session, "is:open", now=MONDAY, me=ada, most=50),
        "queue": assigning.count_waiting(session, 50),
        "snoozed": 2 * views["snoozed"],
        "notices": notices.unread(session, ada) * 2 // 5,
    }


def test_every_list_and_count_is_the_whole_one_without_what_is_hidden(filled: Store) -> None:
    with filled.read() as session:
        ada = session.scalars(select(User.id)).one()
        rows = session.execute(select(Conversation.id, Conversation.account_id))
        account = {id_: of for id_, of in rows}
        asked = lists(ada, sorted(account))
        whole = {name: list(read(session)) for name, read in asked.items()}
        assert set(counts(session, ada).values()) == {6}
    missed = {n: f for n, f in whole.items() if len({account[one] for one in f}) < 3}
    assert missed == {}
    first, _, last = sorted(set(account.values()))
    for away in ({first}, {first, last}):
        with filled.seen_by(frozenset(away)).read() as session:
            for name, read in asked.items():
                left = [one for one in whole[name] if account[one] not in away]
                assert list(read(session)) == left, (name, away)
            assert set(counts(session, ada).values()) == {6 - 2 * len(away)}
            assert not {one.id for one in accounts.seen(session)} & away
            assert account[answers.newest_conversation(session) or 0] not in away


def test_who_sees_nothing_hidden_asks_as_before_teams(filled: Store) -> None:
    """No condition at all, so no plan of the database changes."""
    with counted(filled) as before, filled.read() as session:
        inbox_list.page(session, "due", 1)
        inbox_list.counts(session, 1)
    assert filled.seen_by(frozenset()) is filled
    assert not any("account_id NOT IN" in one for one in before)
    seen = filled.seen_by(frozenset({1}))
    with counted(filled) as bound, seen.read() as session:
        inbox_list.page(session, "due", 1)
        inbox_list.counts(session, 1)
    assert len(bound) == len(before)
    assert all("account_id NOT IN" in one for one in bound if one != "BEGIN")


def test_without_teams_nobody_is_asked_what_they_see(sqlite_store: Store) -> None:
    store = sqlite_store
    bo, account = make_user(store, "Bo Narin"), make_account(store)
    how: dict[str, Any] = {
        "scopes": ["people:read"],
        "lasts": None,
        "actor": bo.email,
        "now": MONDAY,
    }
    program = tokens.make(store, email=bo.email, name="P", **how).token
    with store.write() as session:
        browser = people.open_session(session, bo.id, MONDAY)

    def hidden_now() -> list[frozenset[int]]:
        bearer, signed = tokens.bearer(store, program, MONDAY), people.who(store, browser, MONDAY)
        assert bearer is not None
        assert signed is not None
        return [bearer.person.hidden, signed.hidden]

    with counted(store) as asked:
        assert hidden_now() == [frozenset()] * 2
    assert not any("team_members" in one for one in asked)
    make_team(store, "Others", (), [account])
    assert hidden_now() == [frozenset({account.id})] * 2


def test_the_database_hides_from_each_person_what_the_rule_hides(store: Store) -> None:
    people = [make_user(store, name, role) for name, role in PEOPLE]
    every = [make_account(store) for _ in range(4)]
    make_team(store, "A", people[:2], every[:2])
    make_team(store, "B", people[1:3], every[1:3])
    make_team(store, "C", (), every[3:])
    make_team(store, "D", people[:1])
    with store.read() as session:
        known = teams.everyone(session)
        for person in people:
            is_admin = person.role == "admin"
            said = scope.hidden_from(session, person.id, person.role)
            assert said == hidden(known, person.id, is_admin=is_admin)
    for account in every:  # and the other way round: who sees it
        made = make_conversation(store, account)
        with store.read() as session:
            seers = scope.among(session, made.id, [one.id for one in people])
            gone = {p.id: scope.hidden_from(session, p.id, p.role) for p in people}
        assert seers == {p.id for p in people if account.id not in gone[p.id]}


PEOPLE = (
    ("Ada Voss", "agent"),
    ("Bo Narin", "lead"),
    ("Cy Okoro", "auditor"),
    ("Dee Marl", "admin"),
    ("Eli Font", "agent"),
)


def test_a_person_on_two_accounts_is_seen_whole_by_who_sees_one(sqlite_store: Store) -> None:
    store = sqlite_store
    here, there = make_account(store), make_account(store)
    ours, theirs = make_conversation(store, here), make_conversation(store, there)
    apart = make_conversation(store, there)
    contacts.join(store, into=theirs.contact_id, other=ours.contact_id, actor="cli", now=MONDAY)
    with store.seen_by(frozenset({there.id})).read() as session:
        found = contacts.listed(session).people
        assert [one.id for one in found] == [theirs.contact_id]
        both = {one.id for one in found[0].identities}
        assert set(persons.wrote_last(session, sorted(both))) == {ours.contact_id}
        assert both == {ours.contact_id, theirs.contact_id}
        said = persons.conversations(session, sorted(both), 50)
        assert [row.id for row in said] == [ours.id]
        assert persons.person(session, apart.contact_id) is None
        assert not scope.hides(session, "contact", theirs.contact_id, frozenset({there.id}))
        assert scope.hides(session, "contact", apart.contact_id, frozenset({there.id}))
    with pytest.raises(contacts.NoSuchContact):
        contacts.join(
            store.seen_by(frozenset({there.id})),
            into=ours.contact_id,
            other=apart.contact_id,
            actor="bo",
            now=MONDAY,
        )


def test_a_removed_team_leaves_nothing(sqlite_store: Store) -> None:
    store = sqlite_store
    ada, account = make_user(store), make_account(store)
    team = make_team(store, "A", [ada], [account], ada)
    with store.write() as session:
        teams.remove(session, team)
    with store.read() as session:
        assert teams.everyone(session) == []
        assert scope.hidden_from(session, 0, "agent") == frozenset()
        assert session.get(Account, account.id) is not None
        assert session.get(Contact, 0) is None
