"""Answers on Reddit: refusals in a 200, breaks, look-ups, moderation."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.core.contract import Act, Author, Kind, On, Outgoing, Ref, Visibility
from connectors.core.errors import (
    OutcomeUnknown,
    RateLimited,
    Refused,
    Transient,
    Unsupported,
)
from connectors.reddit import CAPABILITIES, Connector
from tests.connectors.fixtures.reddit.harness import answer
from tests.fakes.http import Answer
from tests.fakes.reddit import ME, MY_ID, FakeReddit, refused


@pytest.fixture
def fake() -> Iterator[FakeReddit]:
    with FakeReddit() as served:
        yield served


@pytest.fixture
def reddit(fake: FakeReddit) -> Connector:
    return Connector(fake.account(), fake.now)


def mail(fake: FakeReddit, message: str, text: str) -> Outgoing:
    """An answer to a message of modmail."""
    thread, private = f"modmail_{fake.modmail.place(message)}", Visibility.PRIVATE
    where = (private, Kind.DM, fake.now())
    return Outgoing("0" * 32, thread, f"modmail_{message}", Author("ann"), text, *where)


def test_comment_post_and_message_are_answered_in_one_way(
    fake: FakeReddit, reddit: Connector
) -> None:
    for name in (fake.reply("Hello"), fake.post("Hello"), fake.message("Hello")):
        sent = reddit.send(answer(fake, name, f"To {name[:2]}"))
        made = fake.things[sent.external_id]
        assert (made["author"], made["parent_id"]) == (ME, name)
        assert sent.sent_at is not None
        assert sent.sent_at.timestamp() == made["created_utc"]
    assert fake.sent == ["To t1", "To t3", "To t4"]


def test_an_answer_keeps_its_markdown_and_its_signs(fake: FakeReddit, reddit: Connector) -> None:
    reddit.send(answer(fake, fake.reply("Hello"), "**Thanks** & <welcome> 你好\n\n> quote"))
    assert fake.sent == ["**Thanks** & <welcome> 你好\n\n> quote"]


@pytest.mark.parametrize(
    ("words", "more", "seconds"),
    [
        ("Take a break for 3 minutes before trying again.", {}, 240),
        ("Take a break for 12 seconds before trying again.", {}, 13),
        ("you are doing that too much. try again in 202 milliseconds.", {}, 0.203),
        ("Take a break for 3 с before trying again.", {"ratelimit": 3.5}, 3.5),
    ],
)
def test_a_break_ends_when_reddit_says(
    fake: FakeReddit, words: str, more: dict[str, Any], seconds: float
) -> None:
    at = fake.now()
    reddit = Connector(fake.account(), lambda: at)
    fake.fault("/api/comment", refused("RATELIMIT", words, "ratelimit", **more))
    with pytest.raises(RateLimited) as e:
        reddit.send(answer(fake, fake.reply("Hello"), "Hi"))
    assert e.value.resets_at == at + timedelta(seconds=seconds)
    assert fake.sent == []


def test_a_break_of_unknown_length_names_no_time(fake: FakeReddit, reddit: Connector) -> None:
    fake.fault("/api/comment", refused("RATELIMIT", "Doucement.", "ratelimit"))
    with pytest.raises(RateLimited) as e:
        reddit.send(answer(fake, fake.reply("Hello"), "Hi"))
    assert e.value.resets_at is None


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("TOO_OLD", "six months"),
        ("THREAD_LOCKED", "locked"),
        ("DELETED_COMMENT", "deleted"),
        ("SOMETHING_NEW", "these very words"),
    ],
)
def test_a_refusal_in_a_200_says_why(
    fake: FakeReddit, reddit: Connector, code: str, expected: str
) -> None:
    fake.fault("/api/comment", refused(code, "these very words"))
    with pytest.raises(Refused, match=expected):
        reddit.send(answer(fake, fake.reply("Hello"), "Hi"))


def test_an_archived_post_refuses(fake: FakeReddit, reddit: Connector) -> None:
    with pytest.raises(Refused, match="archived"):
        reddit.send(answer(fake, fake.post("Old", archived=True), "Hi"))


@pytest.mark.parametrize("body", [{}, {"json": {"errors": []}}, {"json": {"data": {"things": 3}}}])
def test_an_acceptance_without_a_name_is_unknown(
    fake: FakeReddit, reddit: Connector, body: Any
) -> None:
    fake.fault("/api/comment", Answer(200, body))
    with pytest.raises(OutcomeUnknown):
        reddit.send(answer(fake, fake.reply("Hello"), "Hi"))


def test_a_lacking_permission_is_named(fake: FakeReddit, reddit: Connector) -> None:
    fake.fault("/api/comment", "unscoped")
    with pytest.raises(Refused, match="lacks a permission"):
        reddit.send(answer(fake, fake.reply("Hello"), "Hi"))


def test_a_public_matter_is_not_moved_to_private(fake: FakeReddit, reddit: Connector) -> None:
    reply = answer(fake, fake.reply("Hello"), "Hi")
    with pytest.raises(Unsupported):
        reddit.send(replace(reply, visibility=Visibility.PRIVATE))
    assert fake.sent == []


def test_the_same_words_elsewhere_are_not_the_lost_answer(
    fake: FakeReddit, reddit: Connector
) -> None:
    elsewhere, here = fake.reply("Hello"), fake.reply("Hello too")
    reddit.send(answer(fake, elsewhere, "We are on it"))
    assert reddit.look_up(answer(fake, here, "We are on it")) is None


def test_the_same_words_of_last_week_are_not_the_lost_answer(
    fake: FakeReddit, reddit: Connector
) -> None:
    asked = fake.reply("Hello")
    reddit.send(answer(fake, asked, "We are on it"))
    fake.advance(7 * 86_400)
    assert reddit.look_up(answer(fake, asked, "We are on it")) is None


def test_a_look_up_goes_on_until_it_is_sure(fake: FakeReddit) -> None:
    fake.page_limit = 3
    reddit = Connector(fake.account(), fake.now)
    asked = fake.reply("Hello")
    reply = answer(fake, asked, "We are on it")
    sent = reddit.send(reply)
    for n in range(10):
        fake.comment(f"Something else {n}", ME)
    found = reddit.look_up(reply)
    assert found is not None
    assert found.external_id == sent.external_id


def test_a_lost_private_answer_is_looked_for_among_sent_ones(
    fake: FakeReddit, reddit: Connector
) -> None:
    reply = answer(fake, fake.message("Hello"), "We are on it")
    fake.fault("/api/comment", "lost")
    with pytest.raises(OutcomeUnknown):
        reddit.send(reply)
    assert reddit.look_up(reply) is not None


def test_an_unreadable_own_comment_leaves_doubt(fake: FakeReddit, reddit: Connector) -> None:
    del fake.things[fake.comment("Something", ME)]["body"]
    with pytest.raises(Transient):
        reddit.look_up(answer(fake, fake.reply("Hello"), "We are on it"))


def test_modmail_is_answered_where_the_customer_sees_it(
    fake: FakeReddit, reddit: Connector
) -> None:
    reply = mail(fake, fake.modmail.write("Hello team"), "Hello Ann")
    sent = reddit.send(reply)
    made = sent.external_id.removeprefix("modmail_")
    item = fake.modmail.conversations[fake.modmail.place(made)][made]
    assert (item["bodyMarkdown"], item["isInternal"]) == ("Hello Ann", False)
    assert sent.sent_at is not None
    found = reddit.look_up(reply)
    assert found is not None
    assert found.external_id == sent.external_id
    own = [m for m in reddit.pull("modmail", {}).messages if m.external_id == sent.external_id]
    assert [m.text for m in own] == ["Hello Ann"]


def test_a_lost_modmail_answer_is_found_again(fake: FakeReddit, reddit: Connector) -> None:
    reply = mail(fake, fake.modmail.write("Hello team"), "Hello Ann")
    never = replace(reply, text="This one never left")
    fake.fault("/api/mod/*", "lost")
    with pytest.raises(OutcomeUnknown):
        reddit.send(reply)
    assert reddit.look_up(reply) is not None
    assert reddit.look_up(never) is None


def test_modmail_that_is_gone_refuses(fake: FakeReddit, reddit: Connector) -> None:
    message = fake.modmail.write("Hello team")
    reply = mail(fake, message, "Hello Ann")
    fake.modmail.erase(message)
    with pytest.raises(Refused, match="No conversation found"):
        reddit.send(reply)


def test_removing_is_not_calling_it_spam(fake: FakeReddit, reddit: Connector) -> None:
    on = Ref(fake.comment("Bad words"), "t3_p", Kind.COMMENT, Visibility.PUBLIC)
    reddit.act(Act.HIDE, on)
    assert fake.requests[-1].form["spam"] == "false"


def test_a_report_carries_its_reason(fake: FakeReddit, reddit: Connector) -> None:
    on = Ref(fake.comment("Bad words"), "t3_p", Kind.COMMENT, Visibility.PUBLIC)
    reddit.act(Act.REPORT, on, "Poses as our support. " * 20)
    form = fake.requests[-1].form
    assert (form["thing_id"], len(form["reason"])) == (on.external_id, 100)


def test_unblocking_names_both_people(fake: FakeReddit, reddit: Connector) -> None:
    on = Ref("t1_a", "t3_p", Kind.COMMENT, Visibility.PUBLIC, author=Author("ann"))
    reddit.act(Act.UNBLOCK, on)
    form = fake.requests[-1].form
    assert (form["container"], form["name"], form["type"]) == (f"t2_{MY_ID}", "ann", "enemy")


def test_modmail_is_not_moderated_from_here(fake: FakeReddit, reddit: Connector) -> None:
    on = Ref("modmail_a", "modmail_b", Kind.DM, Visibility.PRIVATE, author=Author("ann"))
    with pytest.raises(Refused, match="modmail"):
        reddit.act(Act.BLOCK, on)


def test_a_moderator_without_rights_is_told_so(fake: FakeReddit, reddit: Connector) -> None:
    fake.fault("/api/remove", "forbidden")
    with pytest.raises(Refused, match="private"):
        reddit.act(Act.HIDE, Ref("t1_a", "t3_p", Kind.COMMENT, Visibility.PUBLIC))


def test_only_our_own_words_are_deleted() -> None:
    assert [o.on for o in CAPABILITIES.offers if o.act is Act.DELETE] == [On.OURS]
