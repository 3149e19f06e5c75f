"""The Bluesky connector and direct messages: history, the log, requests, deletions, answers."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.core.contract import (
    Act,
    Author,
    Deletion,
    Direction,
    Kind,
    Ref,
    Visibility,
)
from connectors.core.errors import OutcomeUnknown, Refused, Transient
from tests.connectors.fixtures.bluesky.harness import ANN
from tests.connectors.fixtures.bluesky.steps import answer, connect, only, private_answer, read
from tests.fakes.bluesky import FakeBluesky
from tests.fakes.bluesky_items import ME, did_of
from tests.fakes.http import Answer


@pytest.fixture
def fake() -> Iterator[FakeBluesky]:
    with FakeBluesky(page_limit=3) as fake:
        yield fake


def ref(message: str) -> Ref:
    thread = message.partition(":")[0]
    author = Author(did_of(ANN))
    return Ref(message, thread, Kind.DM, Visibility.PRIVATE, author=author)


def test_a_direct_message_says_who_where_and_when(fake: FakeBluesky) -> None:
    sent = fake.chat.write("My card is lost")
    message = only(fake, "dms")
    assert message.external_id == sent
    assert message.conversation == sent.partition(":")[0]
    assert message.author == Author(did_of(ANN), ANN, "Ann")
    assert (message.kind, message.visibility) == (Kind.DM, Visibility.PRIVATE)
    assert abs(message.sent_at - fake.now()) < timedelta(minutes=1)


def test_history_comes_first_and_then_the_log(fake: FakeBluesky) -> None:
    written = [fake.chat.write(f"old {n}", f"p{n % 5}.example") for n in range(20)]
    connector = connect(fake)
    page = connector.pull("dms", {})
    seen = [m.external_id for m in page.messages]
    written += [fake.chat.write(f"new {n}", "p1.example") for n in range(7)]
    while page.more:
        page = connector.pull("dms", page.cursor)
        seen += [m.external_id for m in page.messages]
    assert set(seen) == set(written)
    quiet = connector.pull("dms", page.cursor)
    assert (quiet.messages, quiet.more) == ((), False)


def test_a_conversation_that_moves_up_while_they_are_listed_is_read_whole(
    fake: FakeBluesky,
) -> None:
    old = fake.chat.write("long ago", "p0.example")
    for number in range(1, 6):
        fake.chat.write("hello", f"p{number}.example")
    connector = connect(fake)
    page = connector.pull("dms", {})  # lists p5, p4, p3
    fake.chat.write("me again", "p0.example")  # now above them
    seen = set()
    while page.more:
        page = connector.pull("dms", page.cursor)
        seen |= {m.external_id for m in page.messages}
    assert old in seen


def test_a_conversation_that_we_left_meanwhile_is_passed_over(fake: FakeBluesky) -> None:
    fake.chat.write("hello", "p0.example")
    stays = fake.chat.write("hello")
    connector = connect(fake)
    page = connector.pull("dms", connector.pull("dms", {}).cursor)
    fake.chat.convos.pop(next(iter(fake.chat.convos)))
    seen = []
    while page.more:
        page = connector.pull("dms", page.cursor)
        seen += [m.external_id for m in page.messages]
    assert stays in seen


def test_own_messages_from_the_app_come_back_as_ours(fake: FakeBluesky) -> None:
    fake.chat.write("hello")
    fake.chat.write("Hello Ann", own=True)
    ours, theirs = read(fake, "dms").messages  # newest first
    assert (ours.direction, theirs.direction) == (Direction.OUT, Direction.IN)
    assert ours.author is not None
    assert ours.author.id == ME


def test_a_deletion_in_the_log_is_told(fake: FakeBluesky) -> None:
    fake.chat.write("before")
    cursor = read(fake, "dms").cursor
    gone = fake.chat.write("oops")
    fake.chat.delete(gone)
    page = read(fake, "dms", cursor)
    assert page.events[-1] == Deletion(gone, page.events[-1].at)
    assert [m.external_id for m in page.messages] == [gone]
    assert gone not in {m.external_id for m in read(fake, "dms").messages}


def test_what_the_log_says_beside_messages_is_passed_over(fake: FakeBluesky) -> None:
    cursor = read(fake, "dms").cursor
    reaction = {"$type": "chat.bsky.convo.defs#logAddReaction", "message": {"id": "3k"}}
    readings = {"$type": "chat.bsky.convo.defs#logReadMessage", "message": {"id": "3k"}}
    broken = {"$type": "chat.bsky.convo.defs#logCreateMessage", "convoId": "3k", "message": 5}
    logs = [reaction, readings, {"$type": "#logNobodyKnows"}, broken]
    fake.fault("*.getLog", Answer(200, {"logs": logs, "cursor": "0000000000009"}))
    page = connect(fake).pull("dms", cursor)
    assert (page.messages, page.events) == ((), ())
    assert [m.raw for m in page.malformed] == [broken]
    assert page.cursor["log"] == "0000000000009"


def test_names_are_asked_for_where_messages_come_without(fake: FakeBluesky) -> None:
    fake.chat.names = False
    fake.chat.write("hello")
    assert only(fake, "dms").author == Author(did_of(ANN), ANN, "Ann")
    odd = {"profiles": [5, {"did": 5, "handle": "a"}, {"did": did_of(ANN)}]}
    fake.fault("*.getProfiles", Answer(200, odd))
    assert only(fake, "dms").author == Author(did_of(ANN))
    fake.fault("*.getProfiles", Answer(400, {"error": "InvalidRequest"}))
    assert only(fake, "dms").author == Author(did_of(ANN))


def test_chat_calls_and_only_these_carry_the_chats_header(fake: FakeBluesky) -> None:
    fake.chat.write("hello")
    read(fake, "dms")
    read(fake)
    for request in fake.requests:
        is_chat = "/chat.bsky." in request.path
        assert ("atproto-proxy" in request.headers) == is_chat, request.path


def test_messages_asked_for_by_id_are_looked_for_in_their_conversations(
    fake: FakeBluesky,
) -> None:
    here = [fake.chat.write(f"hello {n}") for n in range(7)]
    there = fake.chat.write("hi", "bo.example")
    fake.chat.delete(here[1])
    told = connect(fake).fetch([ref(here[0]), ref(here[1]), ref(there)])
    assert {m.external_id for m in told.messages} == {here[0], there}
    assert told.gone == (here[1],)


def test_a_conversation_that_cannot_be_read_to_its_end_says_nothing(fake: FakeBluesky) -> None:
    first = fake.chat.write("hello")
    for number in range(40):
        fake.chat.write(f"more {number}")
    assert connect(fake).fetch([ref(first)]).gone == ()
    assert connect(fake).fetch([ref("3kgone:3kmsg")]).gone == ()


def test_a_strangers_request_is_accepted_before_the_first_answer(fake: FakeBluesky) -> None:
    message = fake.chat.write("hello")
    (convo,) = fake.chat.convos.values()
    assert convo.status == "request"
    text = "See https://brand.example/help 👋"
    sent = connect(fake).send(private_answer(fake, message, text))
    assert convo.status == "accepted"
    assert sent.external_id == f"{convo.id}:{convo.messages[-1]['id']}"
    assert sent.thread is None
    (facet,) = convo.messages[-1]["facets"]
    assert facet["features"][0]["uri"] == "https://brand.example/help"
    connect(fake).send(private_answer(fake, message, "Again", key="2" * 32))
    assert fake.chat.sent == [text, "Again"]


def test_a_move_to_private_says_into_which_conversation(fake: FakeBluesky) -> None:
    post = fake.mention("my card is lost")
    reply = answer(fake, post, "Which one?", visibility=Visibility.PRIVATE)
    sent = connect(fake).send(reply)
    (convo,) = fake.chat.convos.values()
    assert (sent.thread, convo.did) == (convo.id, did_of(ANN))
    found = connect(fake).look_up(reply)
    assert found is not None
    assert (found.external_id, found.thread) == (sent.external_id, convo.id)


def test_a_person_who_takes_no_messages_is_a_refusal_in_words(fake: FakeBluesky) -> None:
    fake.chat.closed.add(did_of(ANN))
    reply = answer(fake, fake.mention("hello"), "Hi", visibility=Visibility.PRIVATE)
    with pytest.raises(Refused, match="disabled incoming messages"):
        connect(fake).send(reply)


def test_a_lost_answer_is_looked_for_in_the_whole_conversation(fake: FakeBluesky) -> None:
    message = fake.chat.write("hello")
    reply = private_answer(fake, message, "On its way")
    never = private_answer(fake, message, "Never sent")
    fake.fault("*.sendMessage", "lost")
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(reply)
    for number in range(7):
        fake.chat.write(f"and {number}")
    found = connect(fake).look_up(reply)
    assert found is not None
    assert fake.chat.sent == ["On its way"]
    assert connect(fake).look_up(never) is None
    fake.chat.write("broken")
    fake.chat.break_last()
    with pytest.raises(Transient):
        connect(fake).look_up(never)


def test_accepting_that_fails_sends_nothing(fake: FakeBluesky) -> None:
    message = fake.chat.write("hello")
    fake.fault("*.acceptConvo", "lost")
    with pytest.raises(Transient):
        connect(fake).send(private_answer(fake, message, "Hi"))
    assert fake.chat.sent == []


def test_a_message_is_reported_as_one_and_not_deleted_for_others(fake: FakeBluesky) -> None:
    message = fake.chat.write("send me your PIN")
    connect(fake).act(Act.REPORT, ref(message), "fraud")
    (report,) = fake.reports
    convo, _, number = message.partition(":")
    assert report["subject"] == {
        "$type": "chat.bsky.convo.defs#messageRef",
        "did": did_of(ANN),
        "convoId": convo,
        "messageId": number,
    }
    assert report["reason"] == "fraud"
    with pytest.raises(Refused):
        connect(fake).act(Act.DELETE, ref(message))
