"""Answers to Discord, the look for lost ones, files and moderation."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.core.contract import (
    Act,
    Attachment,
    Author,
    Kind,
    Outgoing,
    Ref,
    Upload,
    Visibility,
)
from connectors.core.errors import (
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unsupported,
)
from connectors.discord import CAPABILITIES, Connector
from tests.connectors.offer_checks import png
from tests.fakes.discord import GUILD, SUPPORT, FakeDiscord
from tests.fakes.http import Answer, Json

PICTURE = Upload("receipt.png", "image/png", png(), "A receipt")
PAPER = Upload("bill.pdf", "application/pdf", b"%PDF-1.7 nothing owed")


@pytest.fixture
def fake() -> Iterator[FakeDiscord]:
    with FakeDiscord() as fake:
        yield fake


def connect(fake: FakeDiscord, **settings: Any) -> Connector:
    return Connector(fake.account(**settings), fake.now)


def answer_to(item: Json, text: str, fake: FakeDiscord, *files: Upload) -> Outgoing:
    where = (item["id"], f"{item['channel_id']}:{item['id']}", Author(item["author"]["id"]))
    place = (Visibility.PUBLIC, Kind.COMMENT, fake.now())
    return Outgoing("0123456789abcdef" * 2, *where, text, *place, files=files)


def ref(item: Json) -> Ref:
    where = (Kind.COMMENT, Visibility.PUBLIC, False, Author(item["author"]["id"]))
    return Ref(f"{item['channel_id']}:{item['id']}", item["id"], *where)


def test_an_answer_notifies_nobody_but_the_customer(fake: FakeDiscord) -> None:
    asked = fake.message("help")
    sent = connect(fake).send(answer_to(asked, "@everyone look <@5>", fake))
    (body,) = fake.posts
    assert body["allowed_mentions"] == {"parse": [], "replied_user": True}
    assert body["message_reference"] == {"message_id": asked["id"], "fail_if_not_exists": False}
    assert sent.external_id.startswith(f"{SUPPORT}:")
    assert sent.sent_at is not None


def test_an_answer_in_a_thread_stays_in_it(fake: FakeDiscord) -> None:
    post = fake.thread("help")
    connect(fake).send(answer_to(fake.said[post], "Hello", fake))
    assert fake.said[max(fake.said)]["channel_id"] == post


def test_within_minutes_discord_takes_a_nonce_once(fake: FakeDiscord) -> None:
    """Not longer, which is why a repeat is not called safe."""
    asked = fake.message("help")
    reply = answer_to(asked, "Hello", fake)
    first, second = connect(fake).send(reply), connect(fake).send(reply)
    assert first == second
    assert fake.sent == ["Hello"]
    assert (fake.posts[0]["enforce_nonce"], len(fake.posts[0]["nonce"])) == (True, 25)
    fake.advance(600)
    assert connect(fake).send(reply) != first
    assert not CAPABILITIES.idempotent_send


def test_a_lost_answer_is_found_among_many_messages(fake: FakeDiscord) -> None:
    asked = fake.message("help")
    fake.fault("*", "lost")
    reply = answer_to(asked, "Hello Ann", fake)
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(reply)
    made = max(fake.said)
    for n in range(130):
        fake.message(f"chatter {n}")
    found = connect(fake).look_up(reply)
    assert found is not None
    assert found.external_id == f"{SUPPORT}:{made}"
    assert connect(fake).look_up(replace(reply, text="Another")) is None
    other = fake.message("me too")
    assert connect(fake).look_up(answer_to(other, "Hello Ann", fake)) is None


def test_a_lost_answer_whose_question_was_deleted_is_found_too(fake: FakeDiscord) -> None:
    asked = fake.message("help")
    fake.erase(asked["id"])
    reply = answer_to(asked, "Hello Ann", fake)
    fake.fault("*", "lost")
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(reply)
    assert connect(fake).look_up(reply) is not None


def test_an_empty_list_without_the_right_to_read_is_doubt(fake: FakeDiscord) -> None:
    asked = fake.message("help")
    fake.no_history.add(SUPPORT)
    with pytest.raises(Refused):
        connect(fake).look_up(answer_to(asked, "Hello", fake))


def test_files_go_with_their_words_and_descriptions(fake: FakeDiscord) -> None:
    asked = fake.message("show me")
    reply = answer_to(asked, "Here", fake, PICTURE, PAPER)
    connect(fake).send(reply)
    assert fake.files_sent == [PICTURE.data, PAPER.data]
    described = fake.posts[0]["attachments"]
    assert described[0] == {"id": 0, "filename": "receipt.png", "description": "A receipt"}
    assert connect(fake).look_up(reply) is not None
    assert connect(fake).look_up(replace(reply, files=())) is None


def test_too_much_at_once_is_refused_before_anything_leaves(fake: FakeDiscord) -> None:
    asked = fake.message("show me")
    big = replace(PAPER, data=b"x" * 10_000_000)
    with pytest.raises(Refused, match="25 MB"):
        connect(fake).send(answer_to(asked, "Here", fake, big, big, big))
    assert fake.requests == []


@pytest.mark.parametrize(
    ("code", "words"), [(50001, "View Channel"), (50013, "permission"), (160005, "locked")]
)
def test_a_refusal_says_what_to_do(fake: FakeDiscord, code: int, words: str) -> None:
    asked = fake.message("help")
    fake.fault("*", Answer(403, {"message": "No", "code": code}))
    with pytest.raises(Refused, match=words):
        connect(fake).send(answer_to(asked, "Hello", fake))


def test_a_limit_tells_milliseconds_in_the_body(fake: FakeDiscord) -> None:
    asked = fake.message("help")
    fake.fault("*", "limited")
    with pytest.raises(RateLimited) as e:
        connect(fake).send(answer_to(asked, "Hello", fake))
    assert e.value.resets_at is not None
    assert 0 < (e.value.resets_at - fake.now()).total_seconds() <= 0.5


def test_an_answer_without_its_message_may_or_may_not_be_there(fake: FakeDiscord) -> None:
    asked = fake.message("help")
    fake.fault("*", Answer(200, {"id": "1"}))
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(answer_to(asked, "Hello", fake))
    elsewhere = replace(answer_to(asked, "Hello", fake), in_reply_to="imported-3")
    with pytest.raises(Refused, match="did not come from Discord"):
        connect(fake).send(elsewhere)


def test_a_file_whose_address_ran_out_is_asked_for_anew(fake: FakeDiscord) -> None:
    said = fake.message("look")
    file = fake.attach(said, b"x" * 50, lives_s=60)
    kept = Attachment(file["url"], "image/png", ref=f"{SUPPORT}/{said['id']}/{file['id']}")
    assert connect(fake).download(kept, 50).data == b"x" * 50
    fake.advance(120)
    ends = int(fake.now().timestamp()) + 60
    file["url"] = f"{fake.url}/attachments/{file['id']}/a.png?ex={ends:x}"
    assert connect(fake).download(kept, 50).data == b"x" * 50
    with pytest.raises(Refused, match="no longer"):
        connect(fake).download(replace(kept, ref=None), 50)
    fake.erase(said["id"])
    with pytest.raises(Refused, match="deleted"):
        connect(fake).download(kept, 50)


def test_the_file_server_never_sees_the_token(fake: FakeDiscord) -> None:
    said = fake.message("look")
    file = fake.attach(said, b"x" * 50)
    connect(fake).download(Attachment(file["url"]), 50)
    assert "authorization" not in fake.requests[-1].headers


def test_moderation_is_safe_to_repeat_and_goes_into_the_log(fake: FakeDiscord) -> None:
    spam = fake.message("Buy my coins", "bo")
    connector = connect(fake)
    for act in (Act.LIKE, Act.UNLIKE, Act.UNLIKE, Act.BLOCK, Act.BLOCK):
        connector.act(act, ref(spam), "spämt")
    assert fake.banned == {spam["author"]["id"]: "sp%C3%A4mt"}
    for act in (Act.UNBLOCK, Act.UNBLOCK, Act.DELETE, Act.DELETE):
        connector.act(act, ref(spam))
    assert fake.banned == {}
    assert spam["id"] not in fake.said
    with pytest.raises(Refused):
        connector.act(Act.LIKE, ref(spam))
    with pytest.raises(Unsupported):
        connector.act(Act.HIDE, ref(spam))


def test_a_ban_finds_the_server_by_its_channel(fake: FakeDiscord) -> None:
    spam = fake.message("Buy my coins", "bo")
    connect(fake, guild="").act(Act.BLOCK, ref(spam))
    assert fake.requests[-1].path == f"/guilds/{GUILD}/bans/{spam['author']['id']}"
    with pytest.raises(Refused, match="which server"):
        connect(fake).act(Act.BLOCK, replace(ref(spam), author=None))
