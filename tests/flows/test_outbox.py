"""Law 2: nothing twice, going out; every uncertain send is seen as such."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.core.contract import Outgoing, Sent
from connectors.core.errors import AuthRevoked, RateLimited, Refused, Transient
from inbox.domain.outbox import MAX_FAILURES, STALE_AFTER
from inbox.flows.deliver import deliver, give_up_on_the_dead
from inbox.flows.outcome import resend
from inbox.flows.reply import ReplyInvalid, queue_reply
from inbox.store import outbox
from inbox.store.session import Store
from inbox.store.tables import Account, Audit, Message, Reply, TurnRow
from tests.clock import Clock
from tests.flows.desk import Desk, own, says
from tests.flows.sending import answers, look, lost, send


def test_an_answer_is_sent_stored_and_ends_the_turn(waiting: Desk) -> None:
    waiting.script.on_send = lambda _: Sent("r1", waiting.clock() + timedelta(seconds=-1))
    reply = waiting.answer()
    assert send(waiting) == 1
    assert waiting.reply(reply).state == "sent"
    assert answers(waiting) == [("r1", waiting.agent_id, reply)]
    (turn,) = [t for t in waiting.rows(TurnRow) if t.superseded_at is None]
    assert (turn.end, turn.ended_at) == ("answered", waiting.clock() + timedelta(seconds=-1))
    assert waiting.conversation().status == "waiting"
    assert send(waiting) == 0
    assert len(waiting.script.sends) == 1


def test_a_platform_time_before_the_reply_was_written_is_not_believed(waits: Desk) -> None:
    waits.script.on_send = lambda _: Sent("r1", waits.clock() - timedelta(days=300))
    waits.answer()
    send(waits)
    stored = waits.message("r1")
    assert (stored.sent_at, stored.sent_at_source) == (waits.clock(), "ours")


def test_a_double_click_is_one_reply(waits: Desk) -> None:
    assert waits.answer() == waits.answer("other words")
    assert len(waits.rows(Reply)) == 1
    assert [a.action for a in waits.rows(Audit)].count("reply") == 1


def test_two_clicks_at_once_are_one_reply(waiting: Desk) -> None:
    barrier, ids = threading.Barrier(4), []

    def click() -> None:
        barrier.wait()
        ids.append(waiting.answer(shown=1, conversation=1))

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert len(ids) == 4
    assert len(set(ids)) == 1
    assert [a.action for a in waiting.rows(Audit)].count("reply") == 1


def test_a_second_worker_does_not_send_twice(waiting: Desk) -> None:
    waiting.script.on_send = lambda _: Sent("r1")
    reply, barrier = waiting.answer(), threading.Barrier(3)

    def work() -> None:
        barrier.wait()
        deliver(waiting.store, waiting.settings, reply, waiting.clock)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    assert len(waiting.script.sends) == 1
    assert len(answers(waiting)) == 1


def test_a_lost_answer_is_unknown_and_never_sent_again_by_itself(waits: Desk) -> None:
    waits.script.on_send = lost
    reply = waits.answer()
    for _ in range(40):
        send(waits)
        look(waits)
        waits.clock.forward(minutes=30)
    row = waits.reply(reply)
    assert (row.state, row.look_up_at) == ("unknown", None)
    assert len(waits.script.sends) == 1
    assert len(waits.script.look_ups) == 4


def test_a_look_up_waits_for_the_read_lag_and_finds_the_reply(waiting: Desk) -> None:
    waiting.script.on_send = lost
    reply = waiting.answer()
    send(waiting)
    assert look(waiting) == 0
    assert waiting.script.look_ups == []
    waiting.clock.forward(seconds=90)
    waiting.script.on_look_up = lambda _: Sent("r1", waiting.clock.now - timedelta(seconds=89))
    assert look(waiting) == 1
    assert waiting.reply(reply).state == "sent"
    assert answers(waiting) == [("r1", waiting.agent_id, reply)]


def test_a_platform_that_cannot_be_asked_leaves_it_to_a_person(
    sqlite_store: Store, tmp_path: Path, clock: Clock
) -> None:
    desk = Desk.open(sqlite_store, tmp_path, clock, "blind")
    desk.take(says("1"))
    desk.script.on_send = lost
    reply = desk.answer()
    send(desk)
    clock.forward(days=1)
    assert (look(desk), desk.reply(reply).state, desk.script.look_ups) == (0, "unknown", [])


def test_where_a_repeat_is_safe_it_is_sent_again_with_the_same_key(
    sqlite_store: Store, tmp_path: Path, clock: Clock
) -> None:
    desk = Desk.open(sqlite_store, tmp_path, clock, "keyed")
    desk.take(says("1"))
    desk.script.on_send = lost
    reply = desk.answer()
    for _ in range(MAX_FAILURES + 3):
        send(desk)
        clock.forward(hours=1)
    assert len({o.key for o in desk.script.sends}) == 1
    assert len(desk.script.sends) == MAX_FAILURES
    assert desk.reply(reply).state == "unknown", "it may have arrived: not `failed`"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Refused("No."), "refused"),
        (Transient("Down."), "queued"),
        (RateLimited("Wait."), "queued"),
        (AuthRevoked("Gone."), "queued"),
    ],
)
def test_an_error_answers_what_now(waits: Desk, error: Exception, state: str) -> None:
    def fail(_: Outgoing) -> Sent:
        raise error

    waits.script.on_send = fail
    reply = waits.answer()
    send(waits)
    assert waits.reply(reply).state == state
    assert waits.rows(Account)[0].state == (
        "revoked" if state == "queued" and "Gone" in str(error) else "active"
    )
    assert answers(waits) == []


def test_a_platform_that_stays_down_keeps_the_words_as_failed(waits: Desk) -> None:
    def down(_: Outgoing) -> Sent:
        raise Transient("Down.")

    waits.script.on_send = down
    reply = waits.answer()
    for _ in range(MAX_FAILURES):
        send(waits)
        waits.clock.forward(hours=1)
    assert (waits.reply(reply).state, waits.reply(reply).text) == ("failed", "our answer")


def test_a_limit_is_waited_for_as_long_as_it_lasts(waits: Desk) -> None:
    def limited(_: Outgoing) -> Sent:
        raise RateLimited("Wait.", waits.clock() + timedelta(minutes=15))

    waits.script.on_send = limited
    reply = waits.answer()
    for _ in range(MAX_FAILURES * 2):
        send(waits)
        waits.clock.forward(minutes=15)
    assert waits.reply(reply).state == "queued"


def test_the_reply_of_a_dead_sender_becomes_unknown(waiting: Desk) -> None:
    reply = waiting.answer()
    with waiting.store.write() as session:
        outbox.claim(session, reply, waiting.clock())
    give_up_on_the_dead(waiting.store, waiting.clock())
    assert waiting.reply(reply).state == "sending"
    waiting.clock.forward(seconds=STALE_AFTER.total_seconds() + 1)
    give_up_on_the_dead(waiting.store, waiting.clock())
    assert waiting.reply(reply).state == "unknown"
    assert waiting.reply(reply).look_up_at is not None


def frozen(desk: Desk, meanwhile: Callable[[], None]) -> Callable[[Outgoing], Sent]:
    """A sender that sleeps within its request while others go on."""

    def sends(_: Outgoing) -> Sent:
        desk.script.on_send = lambda _: Sent("second")
        desk.clock.forward(seconds=STALE_AFTER.total_seconds() + 1)
        give_up_on_the_dead(desk.store, desk.clock())
        meanwhile()
        return Sent("first")

    return sends


def test_a_frozen_sender_that_wakes_tells_what_became_of_its_reply(waits: Desk) -> None:
    reply = waits.answer()
    waits.script.on_send = frozen(waits, lambda: None)
    send(waits)
    assert waits.reply(reply).state == "sent"
    assert answers(waits) == [("first", waits.agent_id, reply)]


def test_a_frozen_sender_may_not_write_after_a_person_sent_again(waits: Desk) -> None:
    reply = waits.answer()

    def again() -> None:
        assert resend(waits.store, outbox_id=reply, actor="ada", now=waits.clock())
        send(waits)

    waits.script.on_send = frozen(waits, again)
    send(waits)
    assert waits.reply(reply).external_id == "second"
    assert answers(waits) == [("second", waits.agent_id, reply)]


def test_a_frozen_sender_that_wakes_before_the_second_try_spares_it(waits: Desk) -> None:
    reply = waits.answer()

    def again() -> None:
        assert resend(waits.store, outbox_id=reply, actor="ada", now=waits.clock())

    waits.script.on_send = frozen(waits, again)
    assert (send(waits), send(waits)) == (1, 0)
    assert answers(waits) == [("first", waits.agent_id, reply)]


def test_only_a_person_sends_again_and_only_once(waits: Desk) -> None:
    waits.script.on_send = lost
    reply = waits.answer()
    send(waits)
    assert resend(waits.store, outbox_id=reply, actor="ada", now=waits.clock())
    assert not resend(waits.store, outbox_id=reply, actor="ada", now=waits.clock())
    assert [a.action for a in waits.rows(Audit)].count("reply_again") == 1


def test_an_answer_covers_what_its_author_was_shown(waits: Desk) -> None:
    shown = waits.newest()
    waits.take(says("2", "and another thing", minutes=-8))
    with pytest.raises(ReplyInvalid) as refused:
        waits.answer(shown=shown)
    assert refused.value.code == "crossed"
    queue_reply(
        waits.store,
        conversation_id=waits.conversation().id,
        agent_id=waits.agent_id,
        actor="ada",
        text="our answer",
        visibility="private",
        form_key="form-1",
        shown=shown,
        now=waits.clock(),
        confirm=True,
    )
    waits.script.on_send = lambda _: Sent("r1")
    send(waits)
    assert waits.conversation().opened_at == waits.message("2").sent_at


def test_credentials_that_cannot_be_opened_stop_nobody_else(waits: Desk) -> None:
    with waits.store.write() as session:
        session.get_one(Account, waits.account.id).secrets = "sealed with another key"
    reply = waits.answer()
    send(waits)
    assert (waits.reply(reply).state, waits.script.sends) == ("queued", [])
    assert "key" in (waits.reply(reply).reason or "")


def test_replies_of_paused_accounts_wait(waits: Desk) -> None:
    waits.answer()
    with waits.store.write() as session:
        session.get_one(Account, waits.account.id).state = "paused"
    assert send(waits) == 0


def test_messages_hold_no_two_rows_of_one_reply(waits: Desk) -> None:
    """However often the copy comes back."""
    waits.script.on_send = lambda _: Sent("r1", waits.clock())
    reply = waits.answer()
    send(waits)
    for _ in range(3):
        waits.take(own("r1", minutes=0), says("1"))
    assert [m.outbox_id for m in waits.rows(Message) if m.role == "ours"] == [reply]
