"""Macros: all of it or nothing, once, with an account; and taking back what can be taken back."""

from typing import Any

import pytest
from sqlalchemy.exc import NoResultFound

from connectors.core.contract import Outgoing, Sent
from inbox.domain.actions import Actions, BadActions
from inbox.domain.answers import Canned
from inbox.flows import acting, answers, bulk, macros, notes
from inbox.flows.acting import Refused
from inbox.flows.answers import By, NotYours
from inbox.flows.deliver import deliver_due
from inbox.flows.reply import queue_reply
from inbox.flows.steps import assign
from inbox.store.tables import (
    ActionRun,
    Audit,
    BulkJob,
    CannedAnswer,
    Macro,
    Note,
    Notice,
    Reply,
    Step,
    Tagging,
)
from tests.factories import make_brand, make_user
from tests.flows.desk import Desk, says

ALL = Actions("refund", "high", "status", "me", 1, "resolve", "sorted")


def ada(desk: Desk) -> By:
    return By(desk.agent_id, "ada@lumen.example", "Ada", leads=True)


def ready(desk: Desk, text: str = "Hello {customer}") -> None:
    """A canned answer with the number 1, and ten seconds to take one back."""
    make_brand(desk.store, undo_s=10)
    written = Canned("Hello", "hi", {"en": text})
    assert answers.add(desk.store, written, own=False, by=ada(desk), now=desk.clock()) == 1


def act(desk: Desk, actions: Actions = ALL, key: str = "k", **more: Any) -> int:
    values: dict[str, Any] = {"shown": desk.newest(), "name": "All", "by": ada(desk)}
    return acting.run(
        desk.store,
        conversation_id=desk.conversation().id,
        actions=actions,
        key=key,
        now=desk.clock(),
        **values | more,
    )


def undo(desk: Desk, run: int) -> dict[str, bool]:
    back = acting.undo(desk.store, run_id=run, by=ada(desk), now=desk.clock())
    return {part["verb"]: part["ok"] for part in back}


def send(desk: Desk) -> int:
    return deliver_due(desk.store, desk.settings, desk.clock)


def test_all_is_done_at_once_and_the_move_follows_the_answer(waiting: Desk) -> None:
    ready(waiting)
    waiting.script.on_send = lambda _: Sent("r1")
    run = act(waiting)
    assert act(waiting) == run  # a double click
    row = waiting.conversation()
    assert (row.category, row.topic, row.urgency, row.assignee_id, row.status) == (
        *("refund", "status", "high", waiting.agent_id, "open"),
    )
    assert [r.text for r in waiting.rows(Reply)] == ["Hello Ann"]
    assert send(waiting) == 0
    waiting.clock.forward(seconds=10)
    assert send(waiting) == 1
    row = waiting.conversation()
    assert (row.status, row.due_at) == ("resolved", None)
    assert [s.kind for s in waiting.rows(Step)] == ["resolve"]  # answered, not excused
    [done] = waiting.rows(ActionRun)
    assert [part["verb"] for part in done.did] == ["tag", "assign", "answer", "move"]


def test_who_writes_before_the_answer_is_sent_keeps_the_conversation_open(waits: Desk) -> None:
    ready(waits)
    waits.script.on_send = lambda _: Sent("r1")
    act(waits)
    waits.take(says("2", "one more thing", minutes=0))
    waits.clock.forward(seconds=10)
    assert send(waits) == 1
    assert (waits.conversation().status, waits.rows(Step)) == ("open", [])


@pytest.mark.parametrize(
    ("actions", "text"),
    [
        (ALL, "by {due}, {nobody}"),
        (Actions("refund", assign="who@lumen.example"), ""),
        (Actions("refund", move="resolve"), ""),  # a customer waits: it needs a reason
        (Actions("refund", answer=9), ""),
    ],
)
def test_if_one_part_cannot_be_done_nothing_is(waits: Desk, actions: Actions, text: str) -> None:
    ready(waits)
    if text:
        with waits.store.write() as session:
            session.get_one(CannedAnswer, 1).texts = {"en": text}
    with pytest.raises(Refused, match=r".+"):
        act(waits, actions)
    assert waits.conversation().category is None
    assert waits.rows(Reply) == waits.rows(Step) == waits.rows(ActionRun) == []
    assert waits.rows(Tagging) == []


def test_taking_back_restores_all_while_the_answer_is_held(waiting: Desk) -> None:
    ready(waiting)
    act(waiting, Actions("payment", "low"), "before")
    run = act(waiting, Actions("refund", "high", "", "me", 1))
    assert undo(waiting, run) == {"answer": True, "assign": True, "tag": True}
    assert undo(waiting, run) == {"answer": True, "assign": True, "tag": True}  # done once
    after = waiting.conversation()
    assert (after.assignee_id, after.category, after.urgency) == (None, "payment", "low")
    waiting.clock.forward(minutes=1)
    assert send(waiting) == 0
    assert [r.state for r in waiting.rows(Reply)] == ["withdrawn"]


def test_what_was_sent_or_changed_since_stays_and_is_named(waits: Desk) -> None:
    ready(waits)
    waits.script.on_send = lambda _: Sent("r1")
    run = act(waits, Actions(assign="me", answer=1))
    waits.clock.forward(seconds=10)
    send(waits)
    assign(
        waits.store,
        conversation_id=waits.conversation().id,
        agent_id=None,
        expected=waits.agent_id,
        actor="bo",
        now=waits.clock(),
    )
    back = acting.undo(waits.store, run_id=run, by=ada(waits), now=waits.clock())
    assert [(p["verb"], p["ok"], bool(p["why"])) for p in back] == [
        *(("answer", False, True), ("assign", False, True)),
    ]


def test_the_step_that_followed_an_answer_is_taken_back_though_the_answer_left(waits: Desk) -> None:
    ready(waits)
    waits.script.on_send = lambda _: Sent("r1")
    run = act(waits, Actions(answer=1, move="resolve"))
    waits.clock.forward(seconds=10)
    assert (send(waits), waits.conversation().status) == (1, "resolved")
    assert undo(waits, run) == {"move": True, "answer": False}
    assert waits.conversation().status == "waiting"


def test_a_step_that_is_called_off_does_not_follow_an_answer_under_way(waits: Desk) -> None:
    ready(waits)
    tried: list[bool] = []

    def take(_: Outgoing) -> Sent:
        if not tried:  # called off in the middle of the first try
            tried.append(undo(waits, run) == {"move": True, "answer": False})
        return Sent("r1")

    waits.script.on_send = take
    run = act(waits, Actions(answer=1, move="resolve"))
    waits.clock.forward(seconds=10)
    assert (send(waits), tried) == (1, [True])
    assert (waits.conversation().status, waits.rows(Step)) == ("waiting", [])


def test_who_has_not_seen_a_colleagues_answer_sends_no_second_one(waiting: Desk) -> None:
    ready(waiting)
    waiting.script.on_send = lambda _: Sent("r1")
    bo = make_user(waiting.store, "Bo Narin")
    shown = waiting.newest()
    queue_reply(
        waiting.store,
        conversation_id=waiting.conversation().id,
        agent_id=bo.id,
        actor=bo.email,
        text="By hand",
        visibility="private",
        form_key="bo",
        shown=shown,
        now=waiting.clock(),
    )
    for _ in ("on its way", "sent"):
        with pytest.raises(Refused, match="Bo Narin answered meanwhile: “By hand”"):
            act(waiting, Actions(answer=1), shown=shown)
        send(waiting)
    act(waiting, Actions(answer=1))  # it stands among the messages: a second word is meant
    assert len(waiting.rows(Reply)) == 2


def test_a_tag_is_taken_back_unless_any_of_it_was_changed_since(waits: Desk) -> None:
    act(waits, Actions("payment", "low"), "before")
    run = act(waits, Actions("refund", topic="status"), "a")
    act(waits, Actions("refund", topic="other"), "b")
    assert undo(waits, run) == {"tag": False}
    assert waits.conversation().topic == "other"
    run = act(waits, Actions("payment", topic="failed"), "c")
    assert undo(waits, run) == {"tag": True}
    after = waits.conversation()
    assert (after.category, after.urgency, after.topic) == ("refund", "low", "other")


def test_a_move_is_taken_back(waits: Desk) -> None:
    run = act(waits, Actions(move="spam", reason="advert"))
    assert waits.conversation().status == "spam"
    assert undo(waits, run) == {"move": True}
    assert (waits.conversation().status, waits.conversation().due_at is not None) == ("open", True)


def test_leads_write_macros_and_agents_run_them(waits: Desk) -> None:
    ready(waits)
    lead, agent = ada(waits), By(waits.agent_id, "ada@lumen.example", "Ada", leads=False)
    made = macros.add(waits.store, " Refund  is out ", ALL, by=lead, now=waits.clock())
    with pytest.raises(NotYours):
        macros.add(waits.store, "x", ALL, by=agent, now=waits.clock())
    with pytest.raises(NotYours):
        macros.remove(waits.store, made, by=agent, now=waits.clock())
    with pytest.raises(BadActions):
        macros.add(waits.store, "x", Actions(answer=9), by=lead, now=waits.clock())
    about: dict[str, Any] = {"conversation_id": 1, "shown": waits.newest(), "now": waits.clock()}
    macros.run(waits.store, made, by=agent, key="a", **about)
    assert [(m.name, m.uses) for m in waits.rows(Macro)] == [("Refund is out", 1)]
    macros.remove(waits.store, made, by=lead, now=waits.clock())
    with pytest.raises(NoResultFound):
        macros.run(waits.store, made, by=agent, key="b", **about)
    macros.change(waits.store, made, "Again", Actions(assign="me"), by=lead, now=waits.clock())
    macros.run(waits.store, made, by=agent, key="c", **about)


def test_a_note_of_a_macro_tells_who_it_names_and_goes_when_it_is_taken_back(desk: Desk) -> None:
    ready(desk)
    desk.take(says("1"))
    make_user(desk.store, "Bo Narin")
    wanted = Actions(note="@bo card 4111 1111 1111 1111\r\nplease look", assign="me")
    run = act(desk, wanted)
    assert act(desk, wanted) == run  # a double click
    [note] = desk.rows(Note)
    assert "4111" not in note.text
    assert note.text.endswith("\nplease look")
    assert {row.kind for row in desk.rows(Notice)} == {"mention"}
    assert undo(desk, run) == {"note": True, "assign": True}
    assert (desk.rows(Note), desk.rows(Notice)) == ([], [])
    assert undo(desk, run) == {"note": True, "assign": True}


def test_a_mention_before_the_note_that_is_taken_back_is_still_told(waits: Desk) -> None:
    bo = make_user(waits.store, "Bo Narin")
    here: dict[str, Any] = {"conversation_id": waits.conversation().id, "now": waits.clock()}
    here |= {"agent_id": waits.agent_id, "actor": ada(waits).email}
    notes.write(waits.store, text="@bo first", form_key="n", **here)
    for number, more in enumerate(("@bo second", "@bo first")):
        undo(waits, act(waits, Actions(note=more), key=f"k{number}"))
        told = sorted((n.user_id, n.channel, n.words, n.times) for n in waits.rows(Notice))
        assert told == [(bo.id, channel, "@bo first", 1) for channel in ("app", "mail")]


def test_no_card_number_of_a_macro_or_a_job_is_stored(waits: Desk) -> None:
    card = "4111 1111 1111 1111"
    wanted = Actions(move="third", reason=f"bank has {card}", note=f"their card: {card}")
    here: dict[str, Any] = {"by": ada(waits), "now": waits.clock()}
    macro = macros.add(waits.store, card, wanted, **here)
    macros.change(waits.store, macro, card, wanted, **here)
    bulk.begin(waits.store, [waits.conversation().id], wanted, name="", key="k", **here)
    [macro_row], [job] = waits.rows(Macro), waits.rows(BulkJob)
    stored = [
        macro_row.name,
        macro_row.actions,
        job.actions,
        *(r.detail for r in waits.rows(Audit)),
    ]
    assert card not in str(stored)
    assert str(stored).count("4•••") == 3 + 2 + 2 * 3


def test_a_macro_that_is_refused_leaves_no_note(waits: Desk) -> None:
    ready(waits)
    with pytest.raises(Refused):
        act(waits, Actions(note="it is out", answer=99))
    assert waits.rows(Note) == []
