"""Whatever filters and words are put together, both databases find what a scan in Python finds."""

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.domain.search import STATES, Query, matches, needles_of, search_text
from inbox.store import finding, notes, search
from inbox.store.filters import Wanted
from inbox.store.session import Store
from inbox.store.tables import (
    Account,
    Contact,
    ContactNote,
    ContactTag,
    Conversation,
    Message,
    MessageSearch,
    Note,
    User,
)
from tests.clock import MONDAY
from tests.factories import make_account, make_conversation, make_message, make_user

NOW = MONDAY + timedelta(hours=30)
SAID = ("退款", "refund please", "我要退款 refund", "hello", "refunds", "Mondays")
NEEDLES = (*((),) * 3, *(needles_of(one) for one in ("退款", "refund", "refu", "mondays", "款退")))
CHANNELS, CATEGORIES = ("x", "email"), ("refund", "payment")
URGENCIES, LANGS = ("normal", "critical"), ("zh", "en")
DAYS = (None, None, None, MONDAY - timedelta(days=1), MONDAY, MONDAY + timedelta(days=1))

MAYBE = st.sampled_from
NONE = (None,) * 5
QUERIES = st.builds(
    Query,
    needles=MAYBE(NEEDLES),
    sender=MAYBE((*((),) * 5, needles_of("lin"), needles_of("@customer"), needles_of("bo"))),
    tag=MAYBE((*NONE, "press")),
    note=MAYBE((*((),) * 4, needles_of("mondays"))),
    channel=MAYBE((*NONE, *CHANNELS)),
    account=MAYBE((*NONE, "@first", "FIRST")),
    states=MAYBE((*((),) * len(STATES), *((one,) for one in STATES))).map(frozenset),
    category=MAYBE((*NONE, *CATEGORIES)),
    urgency=MAYBE((*NONE, *URGENCIES)),
    lang=MAYBE((*NONE, *LANGS)),
    assignee=MAYBE((*NONE, "ada@lumenpay.example")),
)


@pytest.fixture
def office(store: Store) -> Store:
    """24 conversations of eight people, of whom two are one person, a few marked and noted."""
    rng = random.Random(5)
    ada = make_user(store)
    accounts = [make_account(store, c, handle=h) for c, h in (("x", "@First"), ("email", "@b"))]
    people: list[Contact] = []
    for number in range(24):
        opened = MONDAY + timedelta(hours=rng.randrange(-40, 28))
        account = accounts[number % 2]
        same = [one for one in people if one.account_id == account.id]
        made = make_conversation(
            store,
            account,
            text=rng.choice(SAID),
            name=rng.choice(("Lin Yue", "Bo", "林月")),
            opened_at=opened,
            contact=rng.choice(same) if len(same) > 3 else None,
            status=rng.choice(("open", "open", "waiting", "snoozed", "resolved", "spam")),
            category=rng.choice(CATEGORIES),
            urgency=rng.choice(URGENCIES),
            lang=rng.choice((*LANGS, None)),
            assignee_id=rng.choice((ada.id, None)),
            unread=rng.choice((0, 2)),
        )
        later = opened + timedelta(minutes=rng.randrange(900))
        make_message(store, made, rng.choice(SAID), later)
        with store.write() as session:
            contact = session.get_one(Contact, made.contact_id)
            if contact.id not in {one.id for one in people}:
                people.append(contact)
    with store.write() as session:
        search.index_everything(session, 100)
        one, two, three = (session.get_one(Contact, person.id) for person in people[:3])
        one.person_id = two.person_id = one.id
        two.joined_to, two.vip, three.muted = one.id, True, True
        session.add(ContactTag(contact_id=two.id, tag="press"))
        for at, about in ((-30, one), (5, two), (9, three)):
            text = "calls on Mondays, refund"
            noted = {"contact_id": about.id, "author_id": ada.id, "text": text}
            when = MONDAY + timedelta(hours=at)
            session.add(ContactNote(**noted, search_text=search_text(text), created_at=when))
        for number in range(9):
            row = {"conversation_id": 1 + number * 2, "agent_id": ada.id, "told": []}
            when = MONDAY + timedelta(hours=rng.randrange(-40, 30))
            text = rng.choice(SAID)
            more = {"form_key": f"n{number}", "text": text, "findings": [], "at": when}
            notes.add(session, row | more)
    return store


class Scan:
    """Everything, read once, and the rules again without a database."""

    def __init__(self, session: Session) -> None:
        self.rows = session.scalars(select(Conversation)).all()
        self.contacts = {one.id: one for one in session.scalars(select(Contact))}
        self.accounts = {one.id: one for one in session.scalars(select(Account))}
        self.users = {one.id: one for one in session.scalars(select(User))}
        self.tags = session.scalars(select(ContactTag)).all()
        self.all_notes = session.scalars(select(ContactNote)).all()
        self.team = session.scalars(select(Note)).all()
        self.messages = session.execute(
            select(Message.conversation_id, MessageSearch.key, MessageSearch.search_text)
            .add_columns(Message.sent_at)
            .join(Message, Message.id == MessageSearch.message_id)
        ).all()

    def person(self, contact: Contact) -> list[Contact]:
        same = contact.person_id
        others = self.contacts.values()
        return [o for o in others if o is contact or (same is not None and o.person_id == same)]

    def notes(self, contact: Contact) -> list[ContactNote]:
        ids = {one.id for one in self.person(contact)}
        return [note for note in self.all_notes if note.contact_id in ids]

    def fits(self, row: Conversation, wanted: Wanted) -> bool:
        query = wanted.query
        contact = self.contacts[row.contact_id]
        account = self.accounts[row.account_id]
        names = search_text(contact.name, contact.handle, contact.external_id)
        ids = {one.id for one in self.person(contact)}
        owner = self.users.get(row.assignee_id or 0)
        asked = (
            (query.channel, account.channel),
            (query.account and query.account.lower().lstrip("@"), account.handle[1:].lower()),
            (query.category, row.category),
            (query.urgency, row.urgency),
            (query.lang, row.lang),
            (query.assignee, owner.email if owner else None),
        )
        return (
            all(want is None or want == has for want, has in asked)
            and all(self.is_so(row, contact, state, wanted) for state in query.states)
            and (not query.sender or matches(names, query.sender))
            and (
                query.tag is None
                or any(t.contact_id in ids for t in self.tags if t.tag == query.tag)
            )
            and (
                not query.note
                or any(matches(n.search_text, query.note) for n in self.notes(contact))
            )
        )

    def is_so(self, row: Conversation, contact: Contact, state: str, wanted: Wanted) -> bool:
        late = row.status == "open" and row.due_at is not None and row.due_at < wanted.now
        if state in ("vip", "muted", "blocked"):
            return any(getattr(one, state) for one in self.person(contact))
        told = {
            "overdue": late,
            "unassigned": row.assignee_id is None,
            "mine": row.assignee_id == wanted.me,
            "unread": row.unread > 0,
            "complaint": row.complaint_id is not None,
        }
        return told.get(state, row.status == state)

    def found(self, wanted: Wanted) -> list[int]:
        """Ids, newest first."""
        places: list[tuple[int, int]] = []
        for row in self.rows:
            if not self.fits(row, wanted):
                continue
            if not wanted.query.needles:
                if within(row.last_message_at, wanted):
                    places.append((int(row.last_message_at.timestamp() * 1e6), row.id))
                continue
            keys = [*self.said(row, wanted), *self.noted(row, wanted)]
            if keys:
                places.append((max(keys), row.id))
        return [id_ for _, id_ in sorted(places, reverse=True)]

    def said(self, row: Conversation, wanted: Wanted) -> list[int]:
        return [
            key
            for id_, key, text, at in self.messages
            if id_ == row.id and matches(text, wanted.query.needles) and within(at, wanted)
        ]

    def noted(self, row: Conversation, wanted: Wanted) -> list[int]:
        return [
            search.key_of(note.created_at, note.id)
            for note in self.notes(self.contacts[row.contact_id])
            if matches(note.search_text, wanted.query.needles) and within(note.created_at, wanted)
        ] + [
            search.key_of(note.at, note.id)
            for note in self.team
            if note.conversation_id == row.id
            and matches(search_text(note.text), wanted.query.needles)
            and within(note.at, wanted)
        ]


def within(at: datetime, wanted: Wanted) -> bool:
    since, until = wanted.since, wanted.until
    return (since is None or at >= since) and (until is None or at < until)


def test_a_word_of_countless_notes_is_found_by_the_newest(
    office: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = Wanted(Query(needles=needles_of("mondays")), NOW)
    with office.read() as session:
        whole = [hit for hit in finding.find(session, wanted, 50) if hit.is_note]
        monkeypatch.setattr(finding, "NOTED", 2)
        some = [hit for hit in finding.find(session, wanted, 50) if hit.is_note]
    assert (len(some), some) == (2, whole[:2])
    assert len(whole) > 2


@given(data=st.data())
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_filters_and_words_find_what_a_scan_finds(
    office: Store, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    many = data.draw(st.booleans())
    query = data.draw(QUERIES)
    since, until = data.draw(MAYBE(DAYS)), data.draw(MAYBE(DAYS))
    with monkeypatch.context() as patch, office.read() as session:
        if many:  # as if the filters left many, and nothing stood among the newest
            patch.setattr(finding, "FEW", -1)
            patch.setattr(finding, "WALKED", 0)
        patch.setattr(finding, "SOME", 1)
        me = session.scalars(select(User.id)).first()
        wanted = Wanted(query, NOW, me, since, until)
        expected = Scan(session).found(wanted)
        event(f"{min(len(expected), 3)} found")
        for size in (2, 50):
            pages, after = [], None
            while hits := finding.find(session, wanted, size, after):
                pages += [hit.conversation_id for hit in hits]
                after = hits[-1].place
            assert pages == expected
        assert finding.count(session, wanted, 3) == min(3, len(expected))
