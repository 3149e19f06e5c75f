"""Single messages are asked for: parents of comments, edits and deletions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.core.contract import Act, Fetched, Kind, Ref, Sent, Visibility
from connectors.core.errors import Refused, Transient
from inbox.flows import cases, recheck
from inbox.flows.deliver import deliver_due
from inbox.flows.moderate import ModerationFailed, moderate
from inbox.store.session import Store
from inbox.store.tables import Audit, Conversation, MessageVersion
from tests.clock import Clock
from tests.flows.desk import Desk, at, own, says

COMMENT: dict[str, Any] = {
    "kind": Kind.COMMENT,
    "visibility": Visibility.PUBLIC,
    "conversation": "post",
}


@pytest.fixture
def rich(store: Store, tmp_path: Path, clock: Clock) -> Desk:
    return Desk.open(store, tmp_path, clock, "rich")


def work(desk: Desk) -> list[list[str]]:
    """The ids that were asked for, call by call."""
    asked: list[list[str]] = []
    inner = desk.script.on_fetch

    def fetch(refs: Sequence[Ref]) -> Fetched:
        asked.append(sorted(r.external_id for r in refs))
        return inner(refs)

    desk.script.on_fetch = fetch
    for account_id in recheck.due(desk.store, desk.clock()):
        recheck.work(desk.store, desk.settings, account_id, classifier=None, now=desk.clock)
    desk.script.on_fetch = inner
    return asked


def test_the_posts_above_a_comment_are_fetched_once_as_context(rich: Desk) -> None:
    rich.take(says("c2", in_reply_to="c1", **COMMENT))
    post = own("post", "New fees", minutes=-90, **COMMENT)
    parent = says("c1", "Really?", minutes=-60, author="bo", in_reply_to="post", **COMMENT)
    rich.script.on_fetch = lambda _: Fetched((post, parent))
    assert work(rich) == [["c1", "post"]]
    roles = {r.external_id: r.role for r in rich.rows()}
    assert roles == {"c2": "customer", "post": "third", "c1": "third"}
    assert work(rich) == []


def test_nothing_is_asked_for_what_is_there(rich: Desk) -> None:
    rich.take(
        own("post", minutes=-90, context=True, **COMMENT),
        says("c1", in_reply_to="post", **COMMENT),
        says("dm", conversation="c9", in_reply_to="elsewhere"),
    )
    assert work(rich) == []


def test_an_own_answer_above_a_comment_is_ours(rich: Desk) -> None:
    rich.take(says("c3", in_reply_to="a1", minutes=-5, **COMMENT))
    answer = own("a1", "Please write to us", minutes=-30, in_reply_to="c1", **COMMENT)
    rich.script.on_fetch = lambda _: Fetched((answer,), ("post",))
    work(rich)
    assert rich.message("a1").role == "ours"


def test_who_opens_a_conversation_sees_edits_and_deletions(rich: Desk) -> None:
    rich.take(says("1", "I lost 50"), says("2", "and my mind"))
    (conversation,) = rich.rows(Conversation)
    edited = says("1", "I lost 500", edited_at=at(-3))
    rich.script.on_fetch = lambda _: Fetched((edited,), ("2",))
    assert recheck.want(rich.store, conversation.id, rich.clock())
    assert work(rich) == [["1", "2"]]
    assert (rich.message("1").text, rich.message("2").text) == ("I lost 500", "")
    assert [v.text for v in rich.rows(MessageVersion)] == ["I lost 50"]


def test_a_private_answer_to_a_comment_is_not_looked_for_among_the_comments(rich: Desk) -> None:
    """It stands in another thread of the platform: there it would seem deleted."""
    rich.take(says("c1", **COMMENT))
    rich.script.on_send = lambda _: Sent("dm-1", rich.clock(), thread="ann-thread")
    rich.answer(visibility="private")
    deliver_due(rich.store, rich.settings, rich.clock)
    rich.script.on_fetch = lambda refs: Fetched((), tuple(r.external_id for r in refs[1:]))
    recheck.want(rich.store, rich.conversation().id, rich.clock())
    asked = [names for names in work(rich) if "post" not in names]
    assert asked == [["c1"]]
    assert rich.message("dm-1").text == "our answer"
    with pytest.raises(ModerationFailed):
        act(rich, "dm-1", Act.DELETE)


def test_it_is_not_asked_again_within_ten_minutes(rich: Desk) -> None:
    rich.take(says("1"))
    (conversation,) = rich.rows(Conversation)
    recheck.want(rich.store, conversation.id, rich.clock())
    work(rich)
    rich.clock.forward(minutes=9)
    assert not recheck.want(rich.store, conversation.id, rich.clock())
    rich.clock.forward(minutes=2)
    assert recheck.want(rich.store, conversation.id, rich.clock())


def test_a_platform_that_does_not_answer_is_not_asked_in_a_loop(rich: Desk) -> None:
    rich.take(says("c2", in_reply_to="c1", **COMMENT))
    (conversation,) = rich.rows(Conversation)
    recheck.want(rich.store, conversation.id, rich.clock())

    def down(_: Sequence[Ref]) -> Fetched:
        raise Transient("Down.")

    rich.script.on_fetch = down
    assert len(work(rich)) == 1
    assert work(rich) == []


def test_a_channel_without_single_messages_is_left_alone(sqlite_desk: Desk) -> None:
    sqlite_desk.take(says("c2", in_reply_to="c1", **COMMENT))
    conversation = sqlite_desk.conversation()
    assert not recheck.want(sqlite_desk.store, conversation.id, sqlite_desk.clock())
    assert work(sqlite_desk) == []


def act(desk: Desk, external_id: str, what: Act, note: str = "") -> int:
    return moderate(
        desk.store,
        desk.settings,
        message_id=desk.message(external_id).id,
        act=what,
        note=note,
        actor="ada@lumen.example",
        now=desk.clock,
    )


def test_a_hidden_comment_can_be_shown_again(rich: Desk) -> None:
    done: list[tuple[Act, str]] = []
    rich.script.on_act = lambda what, on, note: done.append((what, on.external_id))
    rich.take(says("c1", **COMMENT))
    act(rich, "c1", Act.HIDE)
    assert rich.message("c1").marks == ["hidden"]
    with pytest.raises(ModerationFailed, match="cannot be done"):
        act(rich, "c1", Act.HIDE)
    act(rich, "c1", Act.UNHIDE)
    assert (rich.message("c1").marks, done) == ([], [(Act.HIDE, "c1"), (Act.UNHIDE, "c1")])
    assert [a.action for a in rich.rows(Audit)] == ["hide", "unhide"]


def test_a_blocked_person_is_marked_on_all_that_they_wrote(rich: Desk) -> None:
    rich.take(says("1"), says("2"))
    act(rich, "1", Act.BLOCK)
    assert [m.marks for m in rich.rows()] == [["blocked"], ["blocked"]]


def test_our_deleted_answer_loses_its_content_and_the_customer_waits_again(rich: Desk) -> None:
    rich.take(says("1"), own("a1", in_reply_to="1"))
    assert rich.conversation().due_at is None
    act(rich, "a1", Act.DELETE)
    assert rich.message("a1").text == ""
    assert rich.conversation().opened_at == rich.message("1").sent_at


def test_what_the_platform_refuses_is_told_and_not_noted(rich: Desk) -> None:
    def refuses(*_: object) -> None:
        raise Refused("Only admins may hide.")

    rich.script.on_act = refuses
    rich.take(says("c1", **COMMENT))
    with pytest.raises(ModerationFailed, match=r"Only admins may hide\.$"):
        act(rich, "c1", Act.HIDE)
    assert (rich.message("c1").marks, rich.rows(Audit)) == ([], [])


@pytest.mark.parametrize(
    ("message", "what"),
    [
        (says("1"), Act.HIDE),  # a direct message cannot be hidden
        (says("1"), Act.DELETE),  # nor theirs deleted
        (says("1", **COMMENT), Act.LIKE),
        (says("1", context=True, **COMMENT), Act.HIDE),
    ],
)
def test_only_what_is_offered_for_such_a_message_is_done(
    rich: Desk, message: Any, what: Act
) -> None:
    rich.take(says("0", **COMMENT), message)
    with pytest.raises((ModerationFailed, LookupError)):
        act(rich, "1", what)


def test_cases_are_joined_and_left(rich: Desk) -> None:
    rich.take(*(says(n, conversation=f"c{n}") for n in "123"))
    first, second, third = (c.id for c in rich.rows(Conversation))
    how: dict[str, Any] = {"actor": "ada", "now": rich.clock()}
    cases.join(rich.store, conversation_id=second, other_id=third, **how)
    cases.join(rich.store, conversation_id=first, other_id=third, **how)
    assert [c.case_id for c in rich.rows(Conversation)] == [first] * 3
    cases.leave(rich.store, conversation_id=first, **how)
    assert [c.case_id for c in rich.rows(Conversation)] == [None, second, second]
    cases.leave(rich.store, conversation_id=third, **how)
    assert [c.case_id for c in rich.rows(Conversation)] == [None] * 3
    with pytest.raises(cases.CannotJoin):
        cases.join(rich.store, conversation_id=first, other_id=first, **how)
