"""Answers of a Facebook Page, looking them up, single items and moderation."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.core.contract import Act, Author, Kind, Outgoing, Ref, Upload, Visibility
from connectors.core.errors import OutcomeUnknown, Refused, Transient
from connectors.facebook import Connector
from tests.connectors.fixtures.facebook.harness import outgoing
from tests.connectors.offer_checks import png
from tests.fakes.facebook import FakeFacebook, person
from tests.fakes.graph import NO_SUCH

PICTURE = Upload("receipt.png", "image/png", png())


@pytest.fixture
def fake() -> Iterator[FakeFacebook]:
    with FakeFacebook() as fake:
        yield fake


def connect(fake: FakeFacebook) -> Connector:
    return Connector(fake.account(), fake.now)


def moved(fake: FakeFacebook, found: str, text: str = "Please tell us more.") -> Outgoing:
    return replace(outgoing(fake, found, text), visibility=Visibility.PRIVATE)


def ref(fake: FakeFacebook, found: str, author: str = "ann") -> Ref:
    root = fake.items[found].get("_post", found)
    who = Author(person(author))
    return Ref(found, root, Kind.COMMENT, Visibility.PUBLIC, False, who)


def test_an_answer_to_an_answer_stands_under_the_comment_above(fake: FakeFacebook) -> None:
    comment = fake.comment("Where is my money?")
    answer = fake.comment("Mine too!", "bob", parent=comment)
    sent = connect(fake).send(outgoing(fake, answer, "We look into it."))
    assert fake.items[sent.external_id]["parent"] == {"id": comment}


def test_a_picture_goes_up_unseen_and_then_with_its_words(fake: FakeFacebook) -> None:
    reply = replace(outgoing(fake, fake.comment("Which form?"), "This one."), files=(PICTURE,))
    connect(fake).send(reply)
    upload, answer = fake.requests[-2:]
    assert (upload.path, answer.path.rpartition("/")[2]) == ("/v26.0/me/photos", "comments")
    assert fake.uploads == [PICTURE.data]
    assert fake.sent == ["This one."]


@pytest.mark.parametrize(
    ("fault", "expected"), [("lost", Transient), ("unavailable", Transient), ("blocked", Refused)]
)
def test_an_upload_that_fails_sends_nothing(
    fake: FakeFacebook, fault: str, expected: type[Exception]
) -> None:
    reply = replace(outgoing(fake, fake.comment("Which form?"), "This one."), files=(PICTURE,))
    fake.fault("*/photos", fault)
    with pytest.raises(expected):
        connect(fake).send(reply)
    assert fake.sent == []


def test_a_private_answer_tells_the_thread_that_it_began(fake: FakeFacebook) -> None:
    comment = fake.comment("Where is my money?", "ann")
    sent = connect(fake).send(moved(fake, comment))
    assert sent.thread == person("ann")
    assert fake.requests[-1].json["recipient"] == {"comment_id": comment}
    with pytest.raises(Refused, match="already replied"):
        connect(fake).send(moved(fake, comment, "And one more thing"))
    assert fake.sent == ["Please tell us more."]


def test_a_visitors_post_is_answered_privately_by_its_own_name(fake: FakeFacebook) -> None:
    visit = fake.post("You never answer", "ann")
    connect(fake).send(moved(fake, visit))
    assert fake.requests[-1].json["recipient"] == {"post_id": visit}


def test_after_seven_days_facebook_takes_no_private_answer(fake: FakeFacebook) -> None:
    comment = fake.comment("Where is my money?")
    fake.advance(8 * 86_400)
    with pytest.raises(Refused, match="cant reply"):
        connect(fake).send(moved(fake, comment))


def test_a_private_message_that_answers_nothing_public_belongs_to_messenger(
    fake: FakeFacebook,
) -> None:
    reply = moved(fake, fake.comment("Hello"))
    with pytest.raises(Refused, match="Messenger"):
        connect(fake).send(replace(reply, answers_visibility=Visibility.PRIVATE))
    assert fake.sent == []


def test_an_older_answer_in_the_same_words_is_not_taken_for_this_one(fake: FakeFacebook) -> None:
    comment = fake.comment("Where is my money?")
    fake.comment("We look into it.", "", parent=comment)
    fake.comment("We look into it.", "bob", parent=comment)
    fake.advance(3600)
    reply = outgoing(fake, comment, "We look into it.")
    assert connect(fake).look_up(reply) is None
    fake.fault("*", "lost")
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(reply)
    found = connect(fake).look_up(reply)
    assert found is not None
    assert found.external_id == list(fake.items)[-1]


def test_the_same_words_to_another_customer_are_not_taken_for_this_answer(
    fake: FakeFacebook,
) -> None:
    first, second = fake.comment("Where is my money?"), fake.comment("And mine?", "bob")
    deeper = fake.comment("Mine too", "cy", parent=second)
    connect(fake).send(outgoing(fake, first, "We look into it."))
    assert connect(fake).look_up(outgoing(fake, second, "We look into it.")) is None
    sent = connect(fake).send(outgoing(fake, deeper, "We look into it."))
    found = connect(fake).look_up(outgoing(fake, deeper, "We look into it."))
    assert found is not None
    assert found.external_id == sent.external_id


def test_a_lost_private_answer_is_found_by_the_thread_of_its_comment(fake: FakeFacebook) -> None:
    reply = moved(fake, fake.comment("Where is my money?", "ann"))
    assert connect(fake).look_up(reply) is None
    fake.fault("*", "lost")
    with pytest.raises(OutcomeUnknown):
        connect(fake).send(reply)
    found = connect(fake).look_up(reply)
    assert found is not None
    assert found.thread == person("ann")
    with pytest.raises(Transient, match="not seen"):
        connect(fake).look_up(replace(reply, text="Other words"))


def test_without_a_word_on_the_private_thread_the_look_up_stays_in_doubt(
    fake: FakeFacebook,
) -> None:
    comment = fake.comment("Where is my money?")
    del fake.items[comment]["can_reply_privately"]
    with pytest.raises(Transient):
        connect(fake).look_up(moved(fake, comment))


def test_gone_is_only_what_is_missing_where_the_rest_is_readable(fake: FakeFacebook) -> None:
    stays, goes = fake.comment("Stays"), fake.comment("Goes")
    asked = [ref(fake, stays), ref(fake, goes)]
    del fake.items[goes]
    told = connect(fake).fetch(asked)
    assert ([m.text for m in told.messages], told.gone) == (["Stays"], (goes,))
    fake.fault("*", NO_SUCH, times=4)
    told = connect(fake).fetch(asked)
    assert (told.messages, told.gone) == ((), ())


def test_a_deleted_post_of_ours_is_gone_and_its_comments_are_in_doubt(fake: FakeFacebook) -> None:
    post = fake.post("We are open")
    comment = fake.comment("Until when?", post=post)
    asked = [ref(fake, post), ref(fake, comment)]
    del fake.items[post], fake.items[comment]
    assert connect(fake).fetch(asked).gone == (post,)


def test_deleting_twice_is_well_and_what_we_may_not_see_is_refused(fake: FakeFacebook) -> None:
    comment = fake.comment("Nasty words")
    on = ref(fake, comment)
    connect(fake).act(Act.DELETE, on)
    connect(fake).act(Act.DELETE, on)
    fake.fault("*", NO_SUCH, times=2)
    with pytest.raises(Refused, match="no such item"):
        connect(fake).act(Act.DELETE, on)


def test_a_ban_and_its_end_reach_the_person(fake: FakeFacebook) -> None:
    on = ref(fake, fake.comment("Nasty words", "ann"))
    connect(fake).act(Act.BLOCK, on)
    assert fake.banned == {person("ann")}
    connect(fake).act(Act.UNBLOCK, on)
    assert fake.banned == set()


def test_nobody_is_banned_for_a_comment_without_an_author(fake: FakeFacebook) -> None:
    comment = fake.comment("Nasty words")
    for author in (None, Author(f"unnamed:{comment}")):
        with pytest.raises(Refused, match="who wrote this"):
            connect(fake).act(Act.BLOCK, replace(ref(fake, comment), author=author))
    assert fake.banned == set()


def test_the_time_of_a_found_answer_is_facebooks(fake: FakeFacebook) -> None:
    comment = fake.comment("Where is my money?")
    reply = outgoing(fake, comment, "We look into it.")
    connect(fake).send(reply)
    found = connect(fake).look_up(reply)
    assert found is not None
    assert found.sent_at is not None
    assert abs(found.sent_at - fake.now()) < timedelta(seconds=5)
