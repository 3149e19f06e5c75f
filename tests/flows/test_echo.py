"""Own messages that come back belong to the reply that sent them, whoever writes first (law 2)."""

import pytest

from connectors.core.contract import Outgoing, Sent
from inbox.flows.outcome import arrived, resend
from inbox.store.tables import TurnRow
from tests.flows.desk import Desk, own
from tests.flows.sending import answers, look, lost, send


@pytest.fixture(params=["poller first", "sender first"])
def echo(request: pytest.FixtureRequest, waiting: Desk) -> tuple[Desk, int]:
    """The platform's copy and its answer arrive in either order."""
    reply = waiting.answer("see www.lumen.example now")
    copy = own("r1", "@ann see https://t.example/x now", minutes=0)

    def accepts(_: Outgoing) -> Sent:
        if request.param == "poller first":
            waiting.take(copy)
        return Sent("r1", waiting.clock())

    waiting.script.on_send = accepts
    send(waiting)
    if request.param == "sender first":
        waiting.take(copy)
    return waiting, reply


def test_poller_and_sender_give_one_message_with_its_agent(echo: tuple[Desk, int]) -> None:
    desk, reply = echo
    assert answers(desk) == [("r1", desk.agent_id, reply)]
    assert desk.reply(reply).state == "sent"
    (turn,) = [t for t in desk.rows(TurnRow) if t.superseded_at is None]
    assert (turn.end, turn.agent_id, turn.outside) == ("answered", desk.agent_id, False)


def test_an_unknown_reply_that_the_poller_sees_is_settled(waiting: Desk) -> None:
    waiting.script.on_send = lost
    reply = waiting.answer()
    send(waiting)
    waiting.take(own("r1", minutes=0))
    assert (waiting.reply(reply).state, waiting.reply(reply).external_id) == ("sent", "r1")
    waiting.clock.forward(hours=1)
    assert (send(waiting), look(waiting)) == (0, 0)
    assert answers(waiting) == [("r1", waiting.agent_id, reply)]


def test_a_reply_queued_again_is_not_sent_when_its_first_copy_arrives(waits: Desk) -> None:
    waits.script.on_send = lost
    reply = waits.answer()
    send(waits)
    resend(waits.store, outbox_id=reply, actor="ada", now=waits.clock())
    waits.take(own("r1", minutes=0))
    assert (send(waits), len(waits.script.sends)) == (0, 1)
    assert answers(waits) == [("r1", waits.agent_id, reply)]


def test_a_copy_that_was_rewritten_beyond_recognition_is_joined_by_its_id(waits: Desk) -> None:
    reply = waits.answer()

    def accepts(_: Outgoing) -> Sent:
        waits.take(own("r1", "something else", minutes=0))
        return Sent("r1")

    waits.script.on_send = accepts
    send(waits)
    assert answers(waits) == [("r1", waits.agent_id, reply)]
    assert waits.message("r1").automated is False


def test_an_older_message_with_the_same_words_is_not_taken_for_the_reply(waits: Desk) -> None:
    waits.script.on_send = lost
    reply = waits.answer("Thank you!")
    send(waits)
    waits.take(own("old", "Thank you!", minutes=-300))
    assert waits.reply(reply).state == "unknown"
    assert answers(waits) == [("old", None, None)]


def test_two_replies_with_the_same_words_are_two(waits: Desk) -> None:
    waits.script.on_send = lost
    first = waits.answer("Done.", "form-1")
    second = waits.answer("Done.", "form-2")
    send(waits)
    waits.take(own("r1", "Done.", minutes=0))
    waits.clock.forward(minutes=5)
    waits.script.on_look_up = lambda _: Sent("r1")
    look(waits)
    states = sorted(waits.reply(r).state for r in (first, second))
    assert states == ["sent", "unknown"]
    assert len(answers(waits)) == 1
    waits.take(own("r2", "Done.", minutes=0))
    assert {waits.reply(r).state for r in (first, second)} == {"sent"}
    assert len({row for *_, row in answers(waits)}) == 2


def test_a_person_says_it_arrived_and_the_copy_that_comes_later_is_the_same(waiting: Desk) -> None:
    waiting.script.on_send = lost
    reply = waiting.answer()
    send(waiting)
    waiting.clock.forward(minutes=5)
    assert arrived(waiting.store, outbox_id=reply, actor="ada", now=waiting.clock())
    assert waiting.reply(reply).state == "sent"
    assert not arrived(waiting.store, outbox_id=reply, actor="ada", now=waiting.clock())
    waiting.take(own("r1", minutes=1))
    assert answers(waiting) == [("r1", waiting.agent_id, reply)]
    (turn,) = [t for t in waiting.rows(TurnRow) if t.superseded_at is None]
    assert turn.ended_at == waiting.message("r1").sent_at


def test_an_own_mail_is_known_by_its_message_id_alone(waits: Desk) -> None:
    reply = waits.answer()
    key = waits.reply(reply).key
    waits.script.on_send = lost
    send(waits)
    waits.take(own("other", minutes=0, message_id="x@mail.example"))
    assert waits.reply(reply).state == "unknown"
    waits.take(own("sent:1", "with a signature", minutes=0, message_id=f"{key}@lumen.example"))
    assert waits.reply(reply).state == "sent"
    assert [a for a in answers(waits) if a[2]] == [("sent:1", waits.agent_id, reply)]
