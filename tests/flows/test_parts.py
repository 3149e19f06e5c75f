"""An answer that is too long goes out as several messages, one after the other."""

from collections.abc import Callable

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from connectors.core import length
from connectors.core.contract import Outgoing, Receipt, Sent
from connectors.core.errors import OutcomeUnknown, Refused
from inbox.flows import outcome
from inbox.flows.deliver import deliver_due
from inbox.flows.reply import ReplyInvalid, queue_reply
from inbox.store.tables import Reply, TurnRow
from tests.flows.desk import Desk, own
from tests.flows.test_happenings import happens

LONG = " ".join(f"Sentence number {n} of a long answer." for n in range(60))


def queue(desk: Desk, text: str, *, split: bool, form_key: str = "form-1") -> int:
    return queue_reply(
        desk.store,
        conversation_id=desk.conversation().id,
        agent_id=desk.agent_id,
        actor="ada@lumen.example",
        text=text,
        visibility="private",
        form_key=form_key,
        shown=desk.newest(),
        now=desk.clock(),
        split=split,
    )


def test_a_long_answer_arrives_whole_and_in_order(waiting: Desk) -> None:
    waiting.script.on_send = lambda reply: Sent(f"a-{reply.key}", waiting.clock())
    with pytest.raises(ReplyInvalid, match="too many"):
        queue(waiting, LONG, split=False)
    queue(waiting, LONG, split=True)
    queue(waiting, LONG, split=True)  # a double click
    for _ in range(5):
        deliver_due(waiting.store, waiting.settings, waiting.clock)
    sent = [reply.text for reply in waiting.script.sends]
    assert len(sent) == 3
    assert " ".join(sent) == LONG
    assert all(len(part) <= 1000 for part in sent)


def test_a_short_answer_stays_one_message(waits: Desk) -> None:
    queue(waits, "Short.", split=True)
    assert len(waits.rows(Reply)) == 1


def test_a_letter_that_no_message_holds_is_too_long_and_no_crash(waits: Desk) -> None:
    with pytest.raises(ReplyInvalid) as refused:
        queue(waits, "e" + "\u0301" * 2_000, split=True)
    assert (refused.value.code, waits.rows(Reply)) == ("long", [])


def in_three(desk: Desk) -> list[str]:
    """A long answer whose second part the platform refuses; returns the states of its parts."""

    def send(reply: Outgoing) -> Sent:
        if len(desk.script.sends) == 2:
            raise Refused("Too many links.")
        return Sent(f"a-{reply.key}", desk.clock())

    desk.script.on_send = send
    queue(desk, LONG, split=True)
    return delivered(desk)


def delivered(desk: Desk) -> list[str]:
    deliver_due(desk.store, desk.settings, desk.clock)
    return [reply.state for reply in desk.rows(Reply)]


def settle(desk: Desk, verb: str, number: int = 2) -> bool:
    return outcome.settle_as(
        desk.store,
        desk.settings,
        verb,
        outbox_id=desk.rows(Reply)[number - 1].id,
        actor="ada@lumen.example",
        now=desk.clock,
    )


def waits_still(desk: Desk) -> bool:
    return desk.conversation().due_at is not None


def test_half_an_answer_ends_no_wait(waiting: Desk) -> None:
    assert in_three(waiting) == ["sent", "refused", "queued"]
    assert waits_still(waiting)
    assert settle(waiting, "resend")
    assert waits_still(waiting)
    assert delivered(waiting) == ["sent", "sent", "sent"]
    assert not waits_still(waiting)
    (turn,) = waiting.rows(TurnRow)[-1:]
    assert (turn.end, turn.ended_at) == ("answered", waiting.message(first_of(waiting)).sent_at)


def first_of(desk: Desk) -> str:
    """The platform's id of the first part."""
    return str(desk.rows(Reply)[0].external_id)


def test_who_gives_up_the_rest_has_answered_with_what_arrived(waiting: Desk) -> None:
    in_three(waiting)
    assert settle(waiting, "drop")
    assert delivered(waiting) == ["sent", "dropped", "dropped"]
    assert not waits_still(waiting)
    assert not settle(waiting, "drop"), "it is over"
    assert not settle(waiting, "resend"), "it is over"


def test_the_rest_goes_without_the_part_that_was_refused(waiting: Desk) -> None:
    in_three(waiting)
    assert settle(waiting, "skip")
    assert waits_still(waiting)
    assert delivered(waiting) == ["sent", "dropped", "sent"]
    assert not waits_still(waiting)


def test_a_part_that_only_waits_its_turn_cannot_be_given_up_alone(waiting: Desk) -> None:
    in_three(waiting)
    assert not settle(waiting, "drop", number=3)
    assert not settle(waiting, "look")


def test_a_given_up_answer_that_turns_up_after_all_is_known_again(waiting: Desk) -> None:
    """Its outcome was unknown, and a person thought that it had not arrived."""

    def lost(_: Outgoing) -> Sent:
        raise OutcomeUnknown("The line broke.")

    waiting.script.on_send = lost
    waiting.answer("We look into it.")
    assert delivered(waiting) == ["unknown"]
    assert settle(waiting, "drop", number=1)
    assert waits_still(waiting)
    waiting.take(own("o1", "We look into it.", minutes=1))
    assert [reply.state for reply in waiting.rows(Reply)] == ["sent"]
    assert not waits_still(waiting)


def test_what_failed_after_it_was_taken_is_sent_anew_once(waiting: Desk) -> None:
    waiting.script.on_send = lambda reply: Sent(f"a{len(waiting.script.sends)}", waiting.clock())
    waiting.answer("Hello.")
    assert delivered(waiting) == ["sent"]
    happens(waiting, Receipt("failed", waiting.clock(), "a1", reason="Nobody is there."))
    assert waits_still(waiting)
    assert settle(waiting, "resend", number=1)
    assert not settle(waiting, "resend", number=1), "a double click"
    assert delivered(waiting) == ["sent", "sent"]
    first, second = waiting.script.sends
    assert (first.text, first.key == second.key) == (second.text, False)
    assert not waits_still(waiting)


COUNTS = (len, length.graphemes, length.utf16, length.utf8)


@given(st.text(max_size=400), st.integers(20, 60), st.sampled_from(COUNTS))
def test_parts_fit_and_lose_nothing_but_space_at_the_cuts(
    text: str, limit: int, count: Callable[[str], int]
) -> None:
    try:
        parts = length.split(text, limit, count)
    except ValueError:
        assert any(count(g) > limit for g in _graphemes(text))
        return
    assert all(0 < count(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def _graphemes(text: str) -> list[str]:
    found: list[str] = regex.findall(r"\X", text)
    return found


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("One.\n\nTwo is longer.", 18, ["One.", "Two is longer."]),
        ("First line here\nsecond line", 20, ["First line here", "second line"]),
        ("你好。再见。谢谢。", 6, ["你好。再见。", "谢谢。"]),
        ("aaaaaaaaaaaa", 5, ["aaaaa", "aaaaa", "aa"]),
        ("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 11, ["👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"]),
    ],
)
def test_cuts_fall_where_a_reader_would_put_them(text: str, limit: int, parts: list[str]) -> None:
    assert length.split(text, limit, length.utf16) == parts
