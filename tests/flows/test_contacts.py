"""One person behind several identities: joined by a person, and apart again as before."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from inbox.domain import contacts as rules
from inbox.flows import contacts as flow
from inbox.flows.finding import find
from inbox.flows.policies import change_policies, read_toml
from inbox.flows.refold import refold
from inbox.flows.steps import excuse
from inbox.store import inbox_list, persons, turns
from inbox.store.search import index_everything
from inbox.store.session import Store
from inbox.store.tables import (
    Audit,
    Contact,
    ContactNote,
    ContactTag,
    Conversation,
    User,
)
from tests.clock import MONDAY, Clock
from tests.factories import make_account, make_brand, make_conversation, make_user

CHANNELS = ("x", "line", "email")
LATER = MONDAY + timedelta(hours=1)


def dump(store: Store) -> list[Any]:
    """Every row that says who somebody is."""
    with store.read() as session:
        return [
            sorted(map(tuple, session.execute(select(table.__table__)).all()), key=repr)
            for table in (Contact, ContactTag, ContactNote, Conversation)
        ]


def three(store: Store) -> list[Conversation]:
    """A conversation each of three identities on three platforms."""
    return folded(store, [make_conversation(store, make_account(store, c)) for c in CHANNELS])


def folded(store: Store, made: list[Conversation]) -> list[Conversation]:
    """Conversations whose rows are what their messages say."""
    with store.write() as session:
        refold(session, [one.id for one in made], MONDAY)
    return made


def do(store: Store, verb: Any, **given: Any) -> Any:
    return verb(store, actor="ada", now=LATER, **given)


def test_a_person_is_one_on_all_channels_until_they_are_separated(store: Store) -> None:
    agent = make_user(store)
    one, two, three_ = (c.contact_id for c in three(store))
    do(store, flow.set_mark, contact_id=two, mark="vip", on=True)
    do(store, flow.change_tags, contact_id=two, add=["Press"])
    do(store, flow.add_note, contact_id=two, author_id=agent.id, text="calls on Mondays")
    before = dump(store)
    do(store, flow.join, into=one, other=two)
    do(store, flow.join, into=three_, other=two)
    with store.read() as session:
        whole = flow.one(session, two)
        assert [i.id for i in whole.identities] == [three_, one, two]
        assert whole.has("vip")
        assert whole.tags == ("press",)
        assert len(persons.notes(session, [i.id for i in whole.identities])) == 1
        assert len(persons.conversations(session, [one, two, three_], 9)) == 3
        assert [p.id for p in flow.listed(session, tag="press").people] == [three_]
        rows, _ = inbox_list.page(session, "due", agent.id)
        assert [row.vip for row in rows] == [True] * 3
        assert len(find(session, "tag:press is:vip note:mondays", now=LATER).found) == 3
    do(store, flow.separate, identity=two, of=one)
    with pytest.raises(flow.NoSuchContact):
        do(store, flow.separate, identity=one, of=two)
    do(store, flow.separate, identity=one, of=three_)
    assert dump(store) == before
    with store.read() as session:
        done = session.scalars(select(Audit.action).where(Audit.action.like("contact.%"))).all()
    assert done.count("contact.join") == done.count("contact.separate") == 2


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=7), st.randoms())
def test_joins_taken_back_in_any_order_leave_every_row_as_it_was(
    sqlite_store: Store, pairs: list[tuple[int, int]], rng: Any
) -> None:
    store = sqlite_store
    account = make_account(store)
    made = folded(store, [make_conversation(store, account) for _ in range(5)])
    ids = [one.contact_id for one in made]
    before = dump(store)
    joined = []
    for into, other in pairs:
        with store.read() as session:
            below = flow.one(session, ids[other]).id
        try:
            do(store, flow.join, into=ids[into], other=ids[other])
        except rules.NotOne:
            continue
        joined.append(below)
    rng.shuffle(joined)
    for identity in joined:
        do(store, flow.separate, identity=identity)
    assert dump(store) == before


def test_nobody_is_joined_by_a_guess_but_the_reasons_are_told(store: Store) -> None:
    one = make_conversation(store, make_account(store, "x"), name="Lin Yue", lang="en")
    two = make_conversation(store, make_account(store, "line"), name="lin yue", lang="en")
    make_conversation(store, make_account(store, "line"), name="Lin Yue Chen", lang="en")
    with store.write() as session:
        index_everything(session, 100)
    with store.read() as session:
        told = flow.suggestions(session, flow.one(session, one.contact_id))
        assert [(s.person.id, s.why) for s in told] == [(two.contact_id, ("name",))]
        assert len(flow.listed(session).people) == 3
    do(store, flow.join, into=one.contact_id, other=two.contact_id)
    with store.read() as session:
        assert flow.suggestions(session, flow.one(session, one.contact_id)) == []
        page = flow.listed(session, words="lin yue", limit=1)
        rest = flow.listed(session, words="lin yue", limit=1, cursor=page.next_cursor)
        assert len(page.people) == len(rest.people) == 1
        assert rest.next_cursor is None


def test_who_is_blocked_stands_in_no_queue_and_is_still_found(store: Store) -> None:
    agent = make_user(store)
    blocked, other, _ = three(store)
    do(store, flow.join, into=other.contact_id, other=blocked.contact_id)
    do(store, flow.set_mark, contact_id=blocked.contact_id, mark="blocked", on=True)
    with store.read() as session:
        for view, many in (("due", 1), ("unassigned", 1), ("all", 3)):
            assert len(inbox_list.page(session, view, agent.id)[0]) == many, view
        assert inbox_list.counts(session, agent.id)["due"] == 1
        assert inbox_list.badges(session, MONDAY + timedelta(days=3)).overdue == 1
        assert len(find(session, "is:blocked is:open", now=LATER).found) == 2
    do(store, flow.set_mark, contact_id=other.contact_id, mark="blocked", on=False)
    do(store, flow.set_mark, contact_id=other.contact_id, mark="muted", on=True)
    with store.read() as session:
        assert inbox_list.badges(session, LATER).unread == 1
        assert persons.quiet(session, [blocked.id, other.id]) == {blocked.id, other.id}
        assert len(inbox_list.page(session, "due", agent.id)[0]) == 3


def test_a_note_is_changed_by_its_author_alone_and_the_log_keeps_what_it_said(
    sqlite_store: Store,
) -> None:
    store = sqlite_store
    ada, bo = make_user(store, "Ada Voss"), make_user(store, "Bo Narin")
    contact = make_conversation(store).contact_id
    note = do(store, flow.add_note, contact_id=contact, author_id=ada.id, text=" first ")
    with pytest.raises(flow.NotYours):
        do(store, flow.edit_note, note_id=note, author_id=bo.id, text="mine")
    do(store, flow.edit_note, note_id=note, author_id=ada.id, text="second")
    with store.read() as session:
        (row,) = persons.notes(session, [contact])
        said = session.scalars(select(Audit).where(Audit.action == "contact.note_edit")).one()
    assert (row.text, row.edited_at, said.detail["before"]) == ("second", LATER, "first")
    do(store, flow.remove_note, note_id=note, author_id=ada.id)
    with store.read() as session:
        assert find(session, "note:second", now=LATER).found == ()
        said = session.scalars(select(Audit).where(Audit.action == "contact.note_remove")).one()
    assert said.detail["before"] == "second"


PARTNER = """
[[policy]]
id = "partner"
name = "Partner"
first = "2h"
contact_tags = ["partner"]
[[policy]]
id = "social"
name = "Social"
first = "24h"
"""


def test_a_policy_can_ask_for_a_tag_and_ended_turns_keep_the_tags_of_their_day(
    store: Store, clock: Clock
) -> None:
    make_brand(store)
    waits = make_conversation(store)
    ended = make_conversation(store, contact=_contact(store, waits))
    agent: User = make_user(store)
    do(store, flow.change_tags, contact_id=waits.contact_id, add=["partner"])
    change_policies(store, read_toml(PARTNER), actor="ada", now=LATER)
    assert _due(store, waits) == MONDAY + timedelta(hours=2)
    do(store, flow.change_tags, contact_id=waits.contact_id, remove=["partner"])
    assert _due(store, waits) == MONDAY + timedelta(hours=24)
    excuse(
        store,
        conversation_id=ended.id,
        agent_id=agent.id,
        actor="ada",
        reason="thanks",
        seen=10**9,
        now=LATER,
    )
    do(store, flow.change_tags, contact_id=waits.contact_id, add=["partner"])
    with store.write() as session:
        refold(session, [ended.id], LATER)
    with store.read() as session:
        (turn,) = turns.evidence(session, ended.id)
        assert turn.policy["id"] == "social"
    assert _due(store, waits) == MONDAY + timedelta(hours=2)


def _contact(store: Store, conversation: Conversation) -> Contact:
    with store.read() as session:
        return session.get_one(Contact, conversation.contact_id)


def _due(store: Store, conversation: Conversation) -> Any:
    with store.read() as session:
        return session.get_one(Conversation, conversation.id).due_at
