"""A second answer to the same message is stopped, unless its author has seen the first."""

import threading

import pytest

from inbox.flows.reply import ReplyInvalid, queue_reply
from inbox.store.tables import Reply, User
from tests.factories import make_user
from tests.flows.desk import Desk, says
from tests.flows.sending import send


def answer(
    desk: Desk, agent_id: int, key: str, seen_reply: int | None = 0, shown: int | None = None
) -> int:
    return queue_reply(
        desk.store,
        conversation_id=desk.conversation().id,
        agent_id=agent_id,
        actor="somebody",
        text=f"answer {key}",
        visibility="private",
        form_key=key,
        shown=desk.newest() if shown is None else shown,
        now=desk.clock(),
        seen_reply=seen_reply,
    )


@pytest.fixture
def bo(waiting: Desk) -> User:
    return make_user(waiting.store, "Bo Narin")


def test_of_two_who_send_at_once_one_is_stopped_and_told_the_others_words(
    waiting: Desk, bo: User
) -> None:
    barrier, stopped = threading.Barrier(2), []

    def click(agent_id: int, key: str) -> None:
        barrier.wait()
        try:
            answer(waiting, agent_id, key, shown=1)
        except ReplyInvalid as e:
            stopped.append((e.code, e.reason))

    people = ((waiting.agent_id, "a"), (bo.id, "b"))
    clicks = [threading.Thread(target=click, args=who) for who in people]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    (queued,) = waiting.rows(Reply)
    name = "Ada" if queued.agent_id == waiting.agent_id else "Bo Narin"
    assert stopped == [("answered", f"{name} answered meanwhile: “{queued.text}”")]


def test_who_has_seen_it_or_insists_sends_theirs_too(waiting: Desk, bo: User) -> None:
    first = answer(waiting, waiting.agent_id, "a")
    answer(waiting, bo.id, "b", seen_reply=first)
    answer(waiting, waiting.agent_id, "c", seen_reply=None)
    assert len(waiting.rows(Reply)) == 3


def test_an_answer_that_was_sent_meanwhile_stops_the_second_too(waiting: Desk, bo: User) -> None:
    answer(waiting, waiting.agent_id, "a")
    send(waiting)
    with pytest.raises(ReplyInvalid, match="Ada answered meanwhile"):
        answer(waiting, bo.id, "b", shown=1)


def test_one_that_was_refused_stops_nobody_nor_does_one_to_an_earlier_message(
    waiting: Desk, bo: User
) -> None:
    first = answer(waiting, waiting.agent_id, "a")
    with waiting.store.write() as session:
        session.get_one(Reply, first).state = "refused"
    answer(waiting, bo.id, "b")
    waiting.take(says("2", "and now?", minutes=-1))
    answer(waiting, waiting.agent_id, "c")


def test_a_second_thought_of_the_same_person_goes_out(waiting: Desk) -> None:
    answer(waiting, waiting.agent_id, "a")
    answer(waiting, waiting.agent_id, "b")
    assert len(waiting.rows(Reply)) == 2
