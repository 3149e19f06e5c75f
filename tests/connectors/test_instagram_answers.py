"""Answers on Instagram, looking them up, single items and moderation."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.core.contract import Act, Author, Kind, On, Outgoing, Ref, Upload, Visibility
from connectors.core.errors import OutcomeUnknown, Refused, Transient, Unsupported, WindowClosed
from connectors.instagram import CAPABILITIES, Connector, addressed
from tests.connectors.fixtures.instagram.harness import public
from tests.connectors.fixtures.messenger.harness import outgoing, ref
from tests.connectors.offer_checks import png
from tests.fakes.graph import NO_SUCH
from tests.fakes.instagram import FakeInstagram

PICTURE = Upload("receipt.png", "image/png", png())
DAY_S = 86_400


@pytest.fixture
def fake() -> Iterator[FakeInstagram]:
    with FakeInstagram(by_page=True) as fake:
        yield fake


def connect(fake: FakeInstagram, **settings: str) -> Connector:
    return Connector(fake.account(**settings), fake.now)


def moved(fake: FakeInstagram, found: str, text: str = "Please tell us more.") -> Outgoing:
    return replace(public(fake, found, text), visibility=Visibility.PRIVATE)


def place(fake: FakeInstagram, found: str, *, ours: bool = False) -> Ref:
    item = fake.items[found]
    media = str(item.get("_media", found))
    return Ref(found, media, Kind.COMMENT, Visibility.PUBLIC, ours)


def test_a_public_answer_begins_with_the_name_of_whom_it_answers(fake: FakeInstagram) -> None:
    connect(fake).send(public(fake, fake.comment("Where?", "ann"), "In the app."))
    assert fake.sent == ["@ann In the app."]


@pytest.mark.parametrize(
    ("words", "handle", "visibility", "sent"),
    [
        ("Hello", "@ann", Visibility.PUBLIC, "@ann Hello"),
        ("Hello @ANN dear", "@ann", Visibility.PUBLIC, "Hello @ANN dear"),
        ("@ann, hello", "@ann", Visibility.PUBLIC, "@ann, hello"),
        ("Hello @anna", "@ann", Visibility.PUBLIC, "@ann Hello @anna"),
        ("Hello", None, Visibility.PUBLIC, "Hello"),
        ("Hello", "@ann", Visibility.PRIVATE, "Hello"),
        ("", "@ann", Visibility.PUBLIC, ""),
    ],
)
def test_nobody_is_named_twice_or_in_private(
    words: str, handle: str | None, visibility: Visibility, sent: str
) -> None:
    assert addressed(words, Author("7", handle), visibility) == sent


def test_the_name_counts_towards_the_limit_and_private_texts_are_counted_in_bytes() -> None:
    ann = Author("7", "@ann")
    assert CAPABILITIES.measure("Hello", Visibility.PUBLIC, ann) == len("@ann Hello")
    assert CAPABILITIES.measure("退款", Visibility.PRIVATE, ann) == 6


def test_a_private_text_of_a_thousand_bytes_goes_out_and_no_longer_one(
    fake: FakeInstagram,
) -> None:
    found = fake.dm("Hello?")
    connect(fake).send(outgoing(fake, found, "款" * 333))
    with pytest.raises(Refused):
        connect(fake).send(outgoing(fake, found, "款" * 334))


def test_an_answer_to_an_answer_goes_under_the_comment_above(fake: FakeInstagram) -> None:
    comment = fake.comment("Where is my money?")
    reply = fake.comment("Mine too!", "bob", fake.items[comment]["_media"], comment)
    sent = connect(fake).send(public(fake, reply, "We look into it."))
    assert fake.items[sent.external_id]["parent_id"] == comment
    assert fake.sent == ["@bob We look into it."]


def test_a_hidden_comment_takes_no_answer(fake: FakeInstagram) -> None:
    comment = fake.comment("Where is my money?")
    connect(fake).act(Act.HIDE, place(fake, comment))
    with pytest.raises(Refused, match="cannot be answered"):
        connect(fake).send(public(fake, comment, "In the app."))


def test_a_mention_is_answered_by_its_own_door(fake: FakeInstagram) -> None:
    comment = fake.mention("Ask @brand", "ann")
    media = fake.media("Thank you @brand", "bob")
    for found in (comment, media):
        connect(fake).send(public(fake, found, "Gladly."))
    first, second = (r.json for r in fake.requests[-2:])
    assert first["comment_id"] == comment
    assert second == {"message": "@bob Gladly.", "media_id": media}
    assert fake.requests[-1].path.endswith("/mentions")


def test_a_private_answer_tells_the_thread_that_it_began(fake: FakeInstagram) -> None:
    comment = fake.comment("Where is my money?", "ann")
    sent = connect(fake).send(moved(fake, comment))
    assert sent.thread == fake.person("ann")
    assert fake.message(sent.external_id)["_person"]["id"] == sent.thread
    with pytest.raises(Refused, match="private reply was sent"):
        connect(fake).send(moved(fake, comment, "And one more thing"))


def test_after_seven_days_instagram_takes_no_private_answer(fake: FakeInstagram) -> None:
    comment = fake.comment("Where is my money?")
    fake.advance(8 * DAY_S)
    with pytest.raises(WindowClosed):
        connect(fake).send(moved(fake, comment))


def test_a_lost_private_answer_is_found_in_the_conversation(fake: FakeInstagram) -> None:
    reply = moved(fake, fake.comment("Where is my money?", "ann"))
    with pytest.raises(Transient):
        connect(fake).look_up(reply)  # there is no conversation to look into
    fake.fault("*", "lost")
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(reply)
    found = connect(fake).look_up(reply)
    assert found is not None
    assert found.thread == fake.person("ann")


def test_a_lost_public_answer_is_found_without_its_name_and_an_older_one_is_not(
    fake: FakeInstagram,
) -> None:
    comment = fake.comment("Where is my money?")
    media = fake.items[comment]["_media"]
    fake.comment("@ann We look into it.", "", media, comment)
    fake.comment("We look into it.", "bob", media, comment)
    fake.advance(3600)
    reply = public(fake, comment, "We look into it.")
    assert connect(fake).look_up(reply) is None
    fake.fault("*", "lost")
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(reply)
    found = connect(fake).look_up(reply)
    assert found is not None
    assert found.external_id == list(fake.items)[-1]


def test_an_answer_to_a_mention_elsewhere_stays_in_doubt(fake: FakeInstagram) -> None:
    with pytest.raises(Transient):
        connect(fake).look_up(public(fake, fake.mention("Ask @brand"), "Gladly."))


def test_late_answers_of_people_bear_the_tag_where_the_app_may_use_it(fake: FakeInstagram) -> None:
    found = fake.dm("Hello?")
    fake.advance(2 * DAY_S)
    late = outgoing(fake, found, "Sorry for the wait")
    with pytest.raises(WindowClosed):
        connect(fake).send(late)
    connect(fake, human_agent="yes").send(late)
    assert fake.requests[-1].json["tag"] == "HUMAN_AGENT"


def test_files_go_out_with_the_pages_token_alone(fake: FakeInstagram) -> None:
    reply = replace(outgoing(fake, fake.dm("Which form?"), ""), files=(PICTURE,))
    connect(fake).send(reply)
    assert fake.uploads == [PICTURE.data]
    upload = fake.requests[-2]
    assert upload.fields["platform"] == "instagram"
    fake.by_page = False
    with pytest.raises(Refused, match="signs in with its Page"):
        connect(fake).send(reply)


def test_gone_is_only_what_is_missing_where_the_rest_is_readable(fake: FakeInstagram) -> None:
    media = fake.media("We are open")
    stays, goes = fake.comment("Stays", media=media), fake.comment("Goes", media=media)
    asked = [place(fake, stays), place(fake, goes)]
    del fake.items[goes]
    got = connect(fake).fetch(asked)
    assert ([m.text for m in got.messages], got.gone) == (["Stays"], (goes,))
    fake.fault("*", NO_SUCH, times=4)
    got = connect(fake).fetch(asked)
    assert (got.messages, got.gone) == ((), ())


def test_a_deleted_post_is_gone_if_it_was_ours(fake: FakeInstagram) -> None:
    media = fake.media("We are open")
    ours, unknown = place(fake, media, ours=True), place(fake, media)
    assert [m.text for m in connect(fake).fetch([ours]).messages] == ["We are open"]
    del fake.items[media]
    assert connect(fake).fetch([ours]).gone == (media,)
    assert connect(fake).fetch([unknown]).gone == ()


def test_a_mention_is_fetched_by_its_own_door_and_never_called_gone(fake: FakeInstagram) -> None:
    comment = fake.mention("Ask @brand")
    asked = replace(place(fake, comment), kind=Kind.MENTION)
    (message,) = connect(fake).fetch([asked]).messages
    assert (message.kind, message.text) == (Kind.MENTION, "Ask @brand")
    del fake.items[comment]
    got = connect(fake).fetch([asked])
    assert (got.messages, got.gone) == ((), ())


def test_deleting_twice_is_well_and_what_we_may_not_see_is_refused(fake: FakeInstagram) -> None:
    on = place(fake, fake.comment("Nasty words"))
    connect(fake).act(Act.DELETE, on)
    connect(fake).act(Act.DELETE, on)
    fake.fault("*", NO_SUCH, times=2)
    with pytest.raises(Refused, match="no such item"):
        connect(fake).act(Act.DELETE, on)


def test_people_are_blocked_with_the_pages_token_alone(fake: FakeInstagram) -> None:
    on = ref(fake, fake.dm("Nasty words"))
    connect(fake).act(Act.BLOCK, on)
    assert fake.blocked == {fake.person("ann")}
    with pytest.raises(Unsupported):
        connect(fake).act(Act.LIKE, on)
    fake.by_page = False
    with pytest.raises(Refused, match="Page’s token"):
        connect(fake).act(Act.UNBLOCK, on)


def test_what_needs_the_pages_token_is_offered_with_it_alone() -> None:
    offered = {way.key: CAPABILITIES.of({"sign_in": way.key}) for way in CAPABILITIES.ways}
    blocks = {k: [o.act for o in c.offers if o.on is On.PERSON] for k, c in offered.items()}
    assert blocks == {"instagram": [], "page": [Act.BLOCK, Act.UNBLOCK]}
    assert {k: c.media_private is not None for k, c in offered.items()} == {
        "instagram": False,
        "page": True,
    }
