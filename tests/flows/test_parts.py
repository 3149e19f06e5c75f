"""An answer that is too long goes out as several messages, one after the other."""

from collections.abc import Callable

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from connectors.core import length
from connectors.core.contract import Sent
from inbox.flows.deliver import deliver_due
from inbox.flows.reply import ReplyInvalid, queue_reply
from inbox.store.tables import Reply
from tests.flows.desk import Desk

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
