"""Undo, a chosen time, and what stops it: nothing leaves early, twice, or against its author."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import update

from connectors.core.contract import Sent
from inbox.flows import holding
from inbox.flows.deliver import deliver_due
from inbox.flows.files import keep_upload
from inbox.flows.holding import BadTime, TooLate
from inbox.flows.leaving import Leaving
from inbox.flows.reply import ReplyInvalid, queue_reply
from inbox.store import notices
from inbox.store.tables import Audit, File, Message, Notice, Reply
from templates import render
from tests.factories import make_user
from tests.flows.desk import Desk, at, own, says

UNDO = Leaving(hold_s=10)


def answer(desk: Desk, when: Leaving, text: str = "our answer", **more: Any) -> int:
    values: dict[str, Any] = {
        "conversation_id": desk.conversation().id,
        "agent_id": desk.agent_id,
        "actor": "ada@lumen.example",
        "text": text,
        "visibility": "private",
        "form_key": f"form {text[:9]}",
        "shown": desk.newest(),
        "now": desk.clock(),
        "when": when,
    }
    return queue_reply(desk.store, **values | more)


def back(desk: Desk, reply: int) -> holding.TakenBack:
    return holding.take_back(
        desk.store, outbox_id=reply, agent_id=desk.agent_id, actor="ada", now=desk.clock()
    )


def later(minutes: float, late: bool = False) -> Leaving:
    return Leaving(send_at=at(minutes), late=late)


def send(desk: Desk) -> int:
    return deliver_due(desk.store, desk.settings, desk.clock)


def pass_time(desk: Desk, **span: float) -> None:
    desk.clock.forward(**span)


def test_a_held_answer_leaves_once_after_ten_seconds_and_not_before(waiting: Desk) -> None:
    waiting.script.on_send = lambda _: Sent("r1")
    reply = answer(waiting, UNDO)
    pass_time(waiting, seconds=9)
    assert (send(waiting), waiting.script.sends) == (0, [])
    assert waiting.conversation().due_at is not None  # the clock ends with the platform's word
    pass_time(waiting, seconds=1)
    assert (send(waiting), send(waiting), len(waiting.script.sends)) == (1, 0, 1)
    assert waiting.reply(reply).state == "sent"
    assert waiting.conversation().due_at is None
    with pytest.raises(TooLate):
        back(waiting, reply)


def test_what_is_taken_back_comes_back_whole_and_never_leaves(waiting: Desk) -> None:
    file = keep_upload(
        waiting.store,
        conversation_id=waiting.conversation().id,
        agent_id=waiting.agent_id,
        name="a.pdf",
        claimed=None,
        data=b"%PDF-1.4 x",
        now=waiting.clock(),
    )
    text = "first part " * 90 + "second part " * 20  # longer than one message
    reply = answer(waiting, UNDO, text, split=True, file_ids=[file], canned=None)
    assert len(waiting.rows(Reply)) > 1
    taken = back(waiting, reply)
    assert taken.text.split() == text.split()
    assert taken.files == (file,)
    assert [(f.state, f.outbox_id) for f in waiting.rows(File)] == [("draft", None)]
    pass_time(waiting, hours=1)
    assert (send(waiting), waiting.script.sends) == (0, [])
    assert {r.state for r in waiting.rows(Reply)} == {"withdrawn"}
    with pytest.raises(TooLate):
        back(waiting, reply)
    answer(waiting, UNDO, text, split=True, file_ids=taken.files, form_key="again")


def test_undo_and_the_sender_never_both_win(waiting: Desk) -> None:
    waiting.script.on_send = lambda _: Sent("r1")
    reply = answer(waiting, UNDO)
    pass_time(waiting, seconds=10)

    def undo() -> bool:
        try:
            back(waiting, reply)
        except TooLate:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        sent, undone = pool.submit(send, waiting), pool.submit(undo)
        assert (sent.result() == 1) is not undone.result()
    assert len(waiting.script.sends) == sent.result()


def test_a_chosen_time_is_kept_and_may_be_changed(waits: Desk) -> None:
    waits.script.on_send = lambda _: Sent("r1")
    reply = answer(waits, later(60))
    pass_time(waits, minutes=59)
    assert send(waits) == 0
    moved = holding.send_later(
        waits.store, outbox_id=reply, shown=1, when=later(90), actor="ada", now=waits.clock()
    )
    assert moved == waits.conversation().id
    pass_time(waits, minutes=10)
    assert send(waits) == 0
    holding.send_now(waits.store, outbox_id=reply, shown=1, actor="ada", now=waits.clock())
    assert (send(waits), waits.reply(reply).state) == (1, "sent")
    assert [a.action for a in waits.rows(Audit) if a.subject == f"outbox:{reply}"] == [
        *("reply_later", "reply_now"),
    ]


@pytest.mark.parametrize(
    ("minutes", "code"), [(-1, "time"), (60 * 24 * 61, "time"), (1439, "late")]
)
def test_a_time_that_does_no_good_is_refused(waits: Desk, minutes: int, code: str) -> None:
    with pytest.raises(ReplyInvalid) as refused:
        answer(waits, later(minutes))
    assert (refused.value.code, waits.rows(Reply)) == (code, [])
    if code == "late":
        reply = answer(waits, later(minutes, late=True))
        with pytest.raises(BadTime):
            holding.send_later(
                waits.store,
                outbox_id=reply,
                shown=1,
                when=later(minutes),
                actor="ada",
                now=waits.clock(),
            )


@pytest.mark.parametrize("sweep", [True, False])
def test_who_writes_again_stops_it_and_a_person_decides(waiting: Desk, sweep: bool) -> None:
    waiting.script.on_send = lambda _: Sent("r1")
    reply = answer(waiting, later(60))
    assert holding.stop_crossed(waiting.store, waiting.clock()) == 0
    waiting.take(says("2", "forget it, thank you", minutes=1))
    if sweep:
        assert holding.stop_crossed(waiting.store, waiting.clock()) == 1
    pass_time(waiting, minutes=60)
    assert (send(waiting), waiting.script.sends) == (0, [])  # asked again in the act of sending
    row = waiting.reply(reply)
    assert (row.state, row.reason) == ("stopped", "customer")
    assert holding.stop_crossed(waiting.store, waiting.clock()) == 0
    assert [a.actor for a in waiting.rows(Audit) if a.action == "reply_stopped"] == ["system"]
    told = [(n.user_id, n.channel, n.why, n.by) for n in waiting.rows(Notice)]
    ada = waiting.agent_id
    assert told == [(ada, "app", "customer", ""), (ada, "mail", "customer", "")]
    holding.send_now(
        waiting.store, outbox_id=reply, shown=waiting.newest(), actor="ada", now=waiting.clock()
    )
    assert (send(waiting), waiting.reply(reply).state) == (1, "sent")
    assert waiting.conversation().due_at is None  # it answers what its sender was shown


def test_an_answer_of_somebody_else_stops_it_but_an_older_one_on_its_way_does_not(
    waits: Desk,
) -> None:
    waits.script.on_send = lambda r: Sent(f"r {r.text}")
    answer(waits, UNDO, "first")
    answer(waits, later(60), "later")
    pass_time(waits, seconds=10)
    assert send(waits) == 1
    assert holding.stop_crossed(waits.store, waits.clock()) == 0
    waits.take(own("from the app", "done by phone", minutes=1))
    assert holding.stop_crossed(waits.store, waits.clock()) == 1
    stopped = next(r for r in waits.rows(Reply) if r.text == "later")
    assert (stopped.state, stopped.reason) == ("stopped", "answered")
    assert back(waits, stopped.id).text == "later"
    assert {(n.kind, n.why, n.by) for n in waits.rows(Notice)} == {("stopped", "answered", "")}


def test_its_author_is_told_who_answered_unless_they_did(waits: Desk) -> None:
    waits.script.on_send = lambda r: Sent(f"r {r.text}")
    bo = make_user(waits.store, "Bo Narin")
    shown = waits.newest()
    mine = answer(waits, later(60), "later")
    answer(waits, UNDO, "at once", agent_id=bo.id, actor=bo.email, shown=shown)
    pass_time(waits, seconds=10)
    assert send(waits) == 1
    assert holding.stop_crossed(waits.store, waits.clock()) == 1
    told = {(n.user_id, n.kind, n.why, n.by) for n in waits.rows(Notice)}
    assert (waits.agent_id, "stopped", "answered", "Bo Narin") in told
    back(waits, mine)
    before = len(waits.rows(Notice))
    answer(waits, later(90), "later again")
    answer(waits, UNDO, "mine at once")
    pass_time(waits, seconds=10)
    assert send(waits) == 1
    assert holding.stop_crossed(waits.store, waits.clock()) == 1
    assert len(waits.rows(Notice)) == before


def test_the_mail_of_a_stopped_answer_quotes_nobody(waits: Desk) -> None:
    answer(waits, later(60), "my words")
    waits.take(says("2", "their words", minutes=1))
    assert holding.stop_crossed(waits.store, waits.clock()) == 1
    waits.clock.forward(minutes=2.1)
    with waits.store.read() as session:
        rows = notices.to_mail(session, waits.clock())
    said = {"lines": [], "late": 0, "told": rows, "stopped": [], "base": "https://desk.example"}
    for locale, words in (("en", "did not leave"), ("zh_Hans_CN", "没有发出")):
        mail = render("mail/notices.txt", locale, "UTC", brand="", now=waits.clock(), **said)
        assert words in mail
        assert "/conversations/1" in mail
        assert "words" not in mail


def test_neither_an_automatic_nor_a_deleted_message_stops_it(waits: Desk) -> None:
    reply = answer(waits, later(60))
    waits.take(own("auto", "we are away", minutes=1, automated=True), says("2", minutes=2))
    with waits.store.write() as session:
        session.execute(
            update(Message).where(Message.external_id == "2").values(deleted_at=waits.clock())
        )
    assert holding.stop_crossed(waits.store, waits.clock()) == 0
    assert waits.reply(reply).state == "queued"
