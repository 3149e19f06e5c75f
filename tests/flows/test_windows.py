"""A reply window is checked when an answer is queued and again when it is sent."""

from pathlib import Path
from typing import Any

import pytest

from connectors.core.contract import Kind, Sent, Visibility
from connectors.core.registry import capabilities
from inbox.flows.deliver import deliver_due
from inbox.flows.reply import ReplyInvalid
from inbox.store import thread
from inbox.store.session import Store
from inbox.store.tables import Conversation
from inbox.web.composer_view import compose
from tests.clock import Clock
from tests.flows.desk import Desk, at, says

COMMENT: dict[str, Any] = {"kind": Kind.COMMENT, "visibility": Visibility.PUBLIC}


@pytest.fixture
def rich(store: Store, tmp_path: Path, clock: Clock) -> Desk:
    """An account on a platform that offers everything; its window is 7 days, three answers."""
    return Desk.open(store, tmp_path, clock, "rich")


def refused(desk: Desk, **how: Any) -> str:
    with pytest.raises(ReplyInvalid) as e:
        desk.answer(**how)
    return e.value.code


def test_the_conversation_knows_when_its_window_closes(rich: Desk) -> None:
    rich.take(says("1"), says("2", minutes=-3))
    assert rich.rows(Conversation)[0].window_closes_at == at(-3 + 7 * 24 * 60)


def test_an_answer_after_the_window_is_refused_at_once(rich: Desk) -> None:
    rich.take(says("1"))
    rich.clock.forward(days=7)
    assert refused(rich) == "window"


def test_an_answer_that_waits_past_the_window_is_not_sent(rich: Desk) -> None:
    rich.take(says("1"))
    reply = rich.answer()
    rich.clock.forward(days=7)
    deliver_due(rich.store, rich.settings, rich.clock)
    assert (rich.reply(reply).state, rich.script.sends) == ("refused", [])
    assert "time for an answer" in (rich.reply(reply).reason or "")


def test_a_new_message_opens_the_window_again(rich: Desk) -> None:
    rich.take(says("1"))
    rich.clock.forward(days=8)
    rich.take(says("2", minutes=8 * 24 * 60 - 1))
    assert rich.answer()


def test_no_more_answers_than_the_platform_takes_for_one_message(rich: Desk) -> None:
    rich.take(says("1"))
    rich.script.on_send = lambda reply: Sent(f"a-{reply.key}", rich.clock())
    for number in range(3):
        rich.answer(form_key=f"form-{number}")
        rich.clock.forward(minutes=1)
        deliver_due(rich.store, rich.settings, rich.clock)
    assert refused(rich, form_key="form-4") == "window"


def test_a_public_matter_may_go_private_once_and_within_its_time(rich: Desk) -> None:
    rich.take(says("c1", "my card was charged twice", conversation="post", **COMMENT))
    rich.script.on_send = lambda _: Sent("dm-1", rich.clock(), thread="ann-thread")
    reply = rich.answer(visibility="private")
    deliver_due(rich.store, rich.settings, rich.clock)
    (sent,) = rich.script.sends
    assert (sent.moves_private, sent.in_reply_to, rich.reply(reply).state) == (True, "c1", "sent")
    assert refused(rich, form_key="again", visibility="private") == "not_permitted"
    with rich.store.read() as session:
        found = thread.read(session, rich.rows(Conversation)[0].id)
    composer = compose(found, capabilities("rich"), None, rich.clock()) if found else None
    assert composer is not None
    assert [bool(mode.shut) for mode in composer.modes] == [False, True]


def test_a_move_to_private_and_its_thread_are_one_case(rich: Desk) -> None:
    rich.take(says("c1", conversation="post", **COMMENT))
    rich.script.on_send = lambda _: Sent("dm-1", rich.clock(), thread="ann-thread")
    rich.answer(visibility="private")
    deliver_due(rich.store, rich.settings, rich.clock)
    rich.take(says("dm-2", "thanks, here it is", minutes=0, conversation="ann-thread"))
    public, private = rich.rows(Conversation)
    assert public.case_id == private.case_id == public.id


def test_a_comment_too_old_for_a_private_answer_says_so(rich: Desk) -> None:
    rich.take(says("c1", conversation="post", **COMMENT))
    rich.clock.forward(days=7)
    assert refused(rich, visibility="private") == "window"


def test_a_private_matter_never_goes_public(rich: Desk) -> None:
    rich.take(says("1"))
    assert refused(rich, visibility="public") == "not_permitted"


def test_a_platform_without_a_move_keeps_public_public(sqlite_desk: Desk) -> None:
    sqlite_desk.take(says("c1", conversation="post", **COMMENT))
    assert refused(sqlite_desk, visibility="private") == "not_permitted"


def test_others_words_of_the_same_second_stand_above_the_customers(rich: Desk) -> None:
    rich.take(says("c1", "Why?", conversation="post", **COMMENT))
    rich.take(says("p1", "We are open", conversation="post", context=True, author="us"))
    with rich.store.read() as session:
        found = thread.read(session, rich.rows(Conversation)[0].id)
    assert found is not None
    assert [m.text for m in found.messages] == ["We are open", "Why?"]
