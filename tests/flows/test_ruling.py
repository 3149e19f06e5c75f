"""Routing rules on messages that come in: once each, nothing of history, no clock ended."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update

from connectors.core.contract import Act, Kind, Sent, Visibility
from connectors.core.errors import Refused
from inbox.domain.contacts import MOST_TAGS
from inbox.domain.written import Unclear
from inbox.flows import hiding, rule_book, ruling
from inbox.flows.deliver import deliver_due
from inbox.flows.importing import import_lines
from inbox.flows.outcome import resend
from inbox.flows.reply import queue_reply
from inbox.store import persons
from inbox.store import ruling as stored
from inbox.store.session import Store
from inbox.store.tables import (
    Account,
    Audit,
    Conversation,
    Message,
    Reply,
    RuleRun,
    Tagging,
    TurnRow,
)
from tests.clock import Clock
from tests.factories import make_brand, make_user
from tests.flows.desk import Desk, at, own, says

BO = "bo@lumenpay.example"
RULE = {"id": "stolen", "name": "Stolen", "on": True, "words": ["stolen"]}


def book(desk: Desk, *rows: dict[str, Any], **more: Any) -> int:
    rules = [RULE | row for row in rows]
    return rule_book.change(desk.store, {"rule": rules}, actor="cli", now=desk.clock(), **more)


def ready(desk: Desk) -> Desk:
    """Connected an hour ago, with Bo as admin."""
    make_brand(desk.store)
    make_user(desk.store, "Bo Narin", "admin")
    with desk.store.write() as session:
        session.execute(update(Account).values(created_at=at(-60)))
        desk.account = session.get_one(Account, desk.account.id)
    return desk


@pytest.fixture
def both(desk: Desk) -> Desk:
    return ready(desk)


@pytest.fixture
def one(sqlite_desk: Desk) -> Desk:
    return ready(sqlite_desk)


@pytest.fixture
def rich(sqlite_store: Store, tmp_path: Path, clock: Clock) -> Desk:
    """A platform that can hide comments."""
    return ready(Desk.open(sqlite_store, tmp_path, clock, "rich"))


def runs(desk: Desk) -> list[tuple[str, str, str | None]]:
    return [(row.action, row.state, row.reason) for row in desk.rows(RuleRun)]


def test_everything_a_rule_says_is_done_once(both: Desk) -> None:
    acknowledge = "Dear {customer}, {brand} answers by {due}."
    more = {"category": "security", "urgency": "critical", "tag_contact": ["stolen"]}
    book(both, {"assign": BO, "acknowledge": acknowledge} | more)
    message = says("1", "my card was stolen")
    for _ in range(2):
        both.take(message)
    row = both.conversation()
    assert (row.category, row.urgency, row.assignee_id) == ("security", "critical", 2)
    with both.store.read() as session:
        assert persons.tags_of(session, [row.contact_id])[row.contact_id] == {"stolen"}
    (reply,) = both.rows(Reply)
    assert reply.automated
    assert reply.text == "Dear Ann, Lumen Pay answers by 2026-11-24 08:50."
    assert [run[:2] for run in runs(both)] == [
        (action, "done")
        for action in ("assign", "category", "urgency", "tag_contact", "acknowledge")
    ]
    log = [r.detail for r in both.rows(Audit) if r.action == "rule"]
    assert [(one["rule"], one["does"]) for one in log][:2] == [
        ("Stolen", "category"),
        ("Stolen", "urgency"),
    ]
    assert all(tagging.agent_id is None for tagging in both.rows(Tagging))  # no correction


@pytest.mark.parametrize("echo_first", [False, True])
def test_an_acknowledgement_ends_no_clock_whichever_way_it_comes_back(
    one: Desk, echo_first: bool
) -> None:
    book(one, {"acknowledge": "We will answer soon."})
    one.take(says("1", "stolen"))
    due_at = one.conversation().due_at
    one.script.on_send = lambda _: Sent("ack", at(0))
    if echo_first:
        with one.store.write() as session:
            session.execute(update(Reply).values(state="unknown"))
        one.take(own("ack", "We will answer soon.", minutes=0))
    else:
        deliver_due(one.store, one.settings, one.clock)
    assert [sent.by_person for sent in one.script.sends] == ([] if echo_first else [False])
    message = one.message("ack")
    assert (message.automated, message.agent_id) == (True, None)
    assert one.reply(1).state == "sent"
    row = one.conversation()
    assert (row.status, row.due_at) == ("open", due_at)
    assert [turn.end for turn in one.rows(TurnRow) if turn.superseded_at is None] == [None]


def test_only_the_message_that_opens_a_wait_is_acknowledged(one: Desk) -> None:
    book(one, {"acknowledge": "We will answer soon."})
    one.take(says("1", "stolen", -10), says("2", "really stolen", -9))
    one.take(says("3", "stolen, hello?", -8))
    assert len(one.rows(Reply)) == 1
    assert [run[1] for run in runs(one)] == ["done", "failed", "failed"]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (says("1", "stolen", -60), "It came too late for an acknowledgement."),
        (says("1", "stolen", automated=True), "Nobody reads an acknowledgement there."),
    ],
)
def test_what_nobody_would_read_is_not_written(one: Desk, message: Any, reason: str) -> None:
    book(one, {"acknowledge": "We will answer soon."})
    one.take(message)
    assert runs(one) == [("acknowledge", "failed", reason)]
    assert one.rows(Reply) == []


def test_an_acknowledgement_is_no_colleagues_answer_whoever_answers_for_it(one: Desk) -> None:
    book(one, {"acknowledge": "We will answer soon."})
    one.take(says("1", "stolen"))
    assert one.reply(1).agent_id != one.agent_id
    reply = queue_reply(
        one.store,
        conversation_id=1,
        agent_id=one.agent_id,
        actor="ada@lumen.example",
        text="We look at it.",
        visibility=Visibility.PRIVATE,
        form_key="form-1",
        shown=1,
        seen_reply=0,
        now=one.clock(),
    )
    assert one.reply(reply).text == "We look at it."


def test_an_acknowledgement_that_is_sent_again_stays_one(one: Desk) -> None:
    book(one, {"acknowledge": "We will answer soon."})
    one.take(says("1", "stolen"))
    one.script.on_send = lambda _: Sent("ack", at(0))
    deliver_due(one.store, one.settings, one.clock)
    with one.store.write() as session:
        failed = update(Message).where(Message.external_id == "ack")
        session.execute(failed.values(failed_at=one.clock()))
    assert resend(one.store, outbox_id=1, actor=BO, now=one.clock())
    assert [row.automated for row in one.rows(Reply)] == [True, True]


def test_a_rule_tags_a_person_as_people_do(one: Desk) -> None:
    one.take(says("0", "hello", -30))
    with one.store.write() as session:
        persons.add_tags(session, 1, [f"t{number}" for number in range(1, MOST_TAGS)])
    book(one, {"tag_contact": ["Stolen Card", "one-more"]})
    one.take(says("1", "stolen"))
    with one.store.read() as session:
        person = persons.person(session, one.conversation().contact_id)
    assert person is not None
    assert (len(person.tags), "stolen-card" in person.tags) == (MOST_TAGS, True)
    assert [run[1] for run in runs(one)] == ["done", "failed"]
    assert [r.detail["added"] for r in one.rows(Audit) if r.action == "contact.tags"] == [
        ["stolen-card"]
    ]


def test_messages_cost_two_looks_while_there_is_no_rule(one: Desk) -> None:
    asked: list[str] = []
    note = partial(_note, asked)
    event.listen(one.store.writer, "before_cursor_execute", note)
    one.take(*(says(f"{n}", "stolen", author=f"u{n}") for n in range(20)))
    event.remove(one.store.writer, "before_cursor_execute", note)
    assert len([text for text in asked if "rule_" in text]) == 2


def _note(asked: list[str], connection: Any, cursor: Any, statement: str, *_: Any) -> None:
    asked.append(statement)


def test_history_is_asked_about_nothing(one: Desk) -> None:
    book(one, {"assign": BO, "acknowledge": "We will answer soon.", "urgency": "critical"})
    one.take(says("1", "stolen", -61))
    line = (
        '{"channel": "scripted", "account": "@old", "external_id": "9", "conversation": "c",'
        ' "direction": "in", "author": {"id": "u"}, "text": "stolen",'
        ' "sent_at": "2026-11-23T08:59:00Z"}'
    )
    import_lines(
        one.store, [line], classifier=None, now=one.clock, refuse=lambda *_: pytest.fail("refused")
    )
    assert len(one.rows(Message)) == 2
    assert runs(one) == []
    assert {row.assignee_id for row in one.rows(Conversation)} == {None}


def test_a_rule_takes_nothing_from_somebody_and_switched_off_does_nothing(one: Desk) -> None:
    book(one, {"assign": BO, "on": False})
    one.take(says("1", "stolen"))
    assert runs(one) == []
    with one.store.write() as session:
        session.execute(update(Conversation).values(assignee_id=one.agent_id))
    book(one, {"assign": BO})
    one.take(says("2", "stolen"))
    assert runs(one) == [("assign", "failed", "Somebody had it already.")]


def test_hiding_asks_the_platform_once_and_only_where_it_can(one: Desk) -> None:
    book(one, {"hide": True})
    one.take(says("1", "stolen"))
    assert runs(one) == [("hide", "failed", ruling.NO_HIDING)]


def test_a_public_comment_is_hidden_once(rich: Desk) -> None:
    asked: list[tuple[Act, str]] = []
    rich.script.on_act = lambda act, ref, _: asked.append((act, ref.external_id))
    book(rich, {"hide": True})
    comment = says("1", "stolen", kind=Kind.COMMENT, visibility=Visibility.PUBLIC)
    rich.take(comment)
    assert [hiding.hide_due(rich.store, rich.settings, rich.clock) for _ in range(2)] == [1, 0]
    rich.take(comment)
    assert hiding.hide_due(rich.store, rich.settings, rich.clock) == 0
    assert asked == [(Act.HIDE, "1")]
    assert runs(rich) == [("hide", "done", None)]
    assert rich.message("1").marks == ["hidden"]


def test_a_platform_that_refuses_to_hide_is_told_with_its_reason(rich: Desk) -> None:
    def refuse(*_: object) -> None:
        raise Refused("Not yours.")

    rich.script.on_act = refuse
    book(rich, {"hide": True})
    rich.take(says("1", "stolen", kind=Kind.COMMENT, visibility=Visibility.PUBLIC))
    assert hiding.hide_due(rich.store, rich.settings, rich.clock) == 0
    assert runs(rich) == [("hide", "failed", "Not yours.")]
    log = [(r.detail["rule"], r.detail["failed"]) for r in rich.rows(Audit) if r.action == "rule"]
    assert log == [("Stolen", None), ("Stolen", "Not yours.")]


def test_a_trial_says_what_would_have_been_done_and_does_nothing(one: Desk) -> None:
    one.take(says("1", "stolen", -50), says("2", "stolen", -40), says("3", "fine", -30))
    one.take(says("4", "stolen", -20, author="bea"))
    version = book(one, {"urgency": "critical", "on": False})
    with one.store.read() as session:
        rules = stored.rules(stored.newest(session))
        found = rule_book.try_out(session, rules, one.clock())
        earlier = rule_book.try_out(session, rules, one.clock() + timedelta(days=8))
    (hits,) = found.hits
    assert (version, found.messages, hits.messages) == (1, 4, 3)
    assert hits.actions == {("urgency", "critical"): 3}
    assert [row.conversation_id for row in hits.shown] == [2, 1]
    assert (earlier.messages, earlier.hits[0].messages) == (0, 0)
    assert runs(one) == []


def test_rules_are_versions_that_can_be_taken_back(one: Desk) -> None:
    assert book(one, {"assign": BO}) == 1
    with pytest.raises(Unclear, match="version 1 says already"):
        book(one, {"assign": BO})
    assert book(one, {"urgency": "low"}, after=1) == 2
    with pytest.raises(Unclear, match="meanwhile"):
        book(one, {"urgency": "high"}, after=1)
    with pytest.raises(Unclear, match="Nobody with the address"):
        book(one, {"assign": "x@lumenpay.example"})
    assert rule_book.restore(one.store, 1, actor=BO, now=one.clock()) == 3
    assert rule_book.restore(one.store, 0, actor=BO, now=one.clock()) == 4
    with one.store.read() as session:
        assert stored.rules(stored.newest(session)) == ()
