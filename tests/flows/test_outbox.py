"""Law 2: nothing twice, going out; every uncertain send is seen as such."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.core.contract import Outgoing, Sent
from connectors.core.errors import AuthRevoked, OutcomeUnknown, RateLimited, Refused, Transient
from inbox.domain.outbox import MAX_FAILURES, STALE_AFTER
from inbox.flows.deliver import deliver, deliver_due, give_up_on_the_dead, look_up_due
from inbox.flows.outcome import arrived, resend
from inbox.flows.reply import ReplyInvalid, queue_reply
from inbox.store import outbox
from inbox.store.session import Store
from inbox.store.tables import Account, Audit, Message, Reply, TurnRow
from tests.clock import Clock
from tests.flows.desk import Desk, own, says


@pytest.fixture
def waiting(desk: Desk) -> Desk:
    """Ann waits for an answer."""
    desk.take(says("1"))
    return desk


@pytest.fixture
def waits(sqlite_desk: Desk) -> Desk:
    """The same, where the engine does not matter."""
    sqlite_desk.take(says("1"))
    return sqlite_desk


def lost(_: Outgoing) -> Sent:
    raise OutcomeUnknown("The line broke.")


def send(desk: Desk) -> int:
    return deliver_due(desk.store, desk.settings, desk.clock)


def look(desk: Desk) -> int:
    return look_up_due(desk.store, desk.settings, desk.clock)


def answers(desk: Desk) -> list[tuple[str, int | None, int | None]]:
    """(external id, agent, outbox row) of the own messages that are stored."""
    return [(r.external_id, r.agent_id, r.outbox_id) for r in desk.rows() if r.role == "ours"]


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


Step = Callable[[], None]


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
