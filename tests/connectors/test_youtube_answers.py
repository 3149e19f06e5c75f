"""Answers on YouTube, signing in with Google, moderation."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.core.contract import Act, Author, Kind, On, Ref, Visibility
from connectors.core.errors import (
    AuthRevoked,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Transient,
    Unsupported,
)
from connectors.core.oauth import challenge
from connectors.youtube import CAPABILITIES, Connector
from tests.connectors.fixtures.youtube.harness import answer
from tests.fakes.http import Answer
from tests.fakes.youtube import CHANNEL, CLIENT_ID, CLIENT_SECRET, REFRESH, SCOPE, FakeYouTube

BACK = "https://desk.example/accounts/oauth/callback"


@pytest.fixture
def fake() -> Iterator[FakeYouTube]:
    with FakeYouTube() as served:
        yield served


@pytest.fixture
def youtube(fake: FakeYouTube) -> Connector:
    return Connector(fake.account(), fake.now)


def test_an_answer_stands_under_the_threads_first_comment(
    fake: FakeYouTube, youtube: Connector
) -> None:
    top = fake.comment("Hello")
    sent = youtube.send(answer(fake, top, "Hi"))
    made = fake.comments[sent.external_id]
    assert (made["below"], made["text"]) == (top, "Hi")
    assert sent.sent_at is not None


def test_an_answer_to_an_answer_names_whom_it_is_for(fake: FakeYouTube, youtube: Connector) -> None:
    top = fake.comment("Hello")
    below = fake.comment("Me too", "cy", top)
    sent = youtube.send(answer(fake, below, "We are on it"))
    made = fake.comments[sent.external_id]
    assert (made["below"], made["text"]) == (top, "@cy We are on it")
    youtube.send(answer(fake, below, "Hello @cy, it is done"))
    assert fake.sent[-1] == "Hello @cy, it is done"
    youtube.send(answer(fake, below, "As @cyril said"))
    assert fake.sent[-1] == "@cy As @cyril said"


def test_the_name_is_part_of_the_measure() -> None:
    cy = Author("UCcy", "@cy")
    assert CAPABILITIES.measure("Hello", Visibility.PUBLIC, cy) == len("@cy Hello")
    assert CAPABILITIES.measure("Hello", Visibility.PUBLIC, Author("UCcy", None)) == len("Hello")


def test_there_are_no_private_answers(fake: FakeYouTube, youtube: Connector) -> None:
    reply = replace(answer(fake, fake.comment("Hello"), "Hi"), visibility=Visibility.PRIVATE)
    with pytest.raises(Unsupported):
        youtube.send(reply)
    assert fake.sent == []


def test_a_lost_answer_to_an_answer_is_found_by_its_words(
    fake: FakeYouTube, youtube: Connector
) -> None:
    top = fake.comment("Hello")
    reply = answer(fake, fake.comment("Me too", "cy", top), "We are on it")
    for n in range(7):
        fake.comment(f"Me as well {n}", f"user{n}", top)
    fake.fault("*", "lost")
    with pytest.raises(OutcomeUnknown):
        youtube.send(reply)
    found = youtube.look_up(reply)
    assert found is not None
    assert fake.comments[found.external_id]["text"] == "@cy We are on it"
    assert youtube.look_up(replace(reply, text="Never sent")) is None


def test_the_same_words_of_last_week_are_not_the_lost_answer(
    fake: FakeYouTube, youtube: Connector
) -> None:
    top = fake.comment("Hello")
    youtube.send(answer(fake, top, "We are on it"))
    fake.advance(7 * 86_400)
    assert youtube.look_up(answer(fake, top, "We are on it")) is None


def test_in_a_deleted_thread_there_is_no_answer(fake: FakeYouTube, youtube: Connector) -> None:
    reply = answer(fake, fake.comment("Hello"), "Hi")
    fake.comments.clear()
    assert youtube.look_up(reply) is None


def test_a_404_that_is_not_googles_proves_nothing(fake: FakeYouTube, youtube: Connector) -> None:
    fake.fault("*", Answer(404, "<html>No such page</html>"))
    with pytest.raises(Refused):
        youtube.look_up(answer(fake, fake.comment("Hello"), "Hi"))


def test_an_unreadable_answer_leaves_doubt(fake: FakeYouTube, youtube: Connector) -> None:
    top = fake.comment("Hello")
    fake.comments[fake.comment("Hi", CHANNEL, top)]["extra"] = {"textDisplay": 4, "textOriginal": 4}
    with pytest.raises(Transient):
        youtube.look_up(answer(fake, top, "Hi"))


@pytest.mark.parametrize("body", [{}, {"id": 4}, {"snippet": {}}])
def test_an_acceptance_without_an_id_is_unknown(
    fake: FakeYouTube, youtube: Connector, body: Any
) -> None:
    fake.fault("*", Answer(200, body))
    with pytest.raises(OutcomeUnknown):
        youtube.send(answer(fake, fake.comment("Hello"), "Hi"))


def test_a_refusal_names_its_cause(fake: FakeYouTube, youtube: Connector) -> None:
    fake.fault("*", "disabled")
    with pytest.raises(Refused, match="switched off for this video"):
        youtube.send(answer(fake, fake.comment("Hello"), "Hi"))
    gone = answer(fake, fake.comment("Hello"), "Hi")
    fake.comments.clear()
    with pytest.raises(Refused, match="no longer there"):
        youtube.send(gone)


def test_no_quota_is_left_for_an_answer(fake: FakeYouTube, youtube: Connector) -> None:
    fake.quota = 49
    with pytest.raises(RateLimited):
        youtube.send(answer(fake, fake.comment("Hello"), "Hi"))
    assert fake.sent == []


def test_holding_publishing_and_rejecting(fake: FakeYouTube, youtube: Connector) -> None:
    name = fake.comment("Buy this")
    on = Ref(name, name, Kind.COMMENT, Visibility.PUBLIC, author=Author("UCann"))
    for act, status in (
        (Act.HIDE, "heldForReview"),
        (Act.UNHIDE, "published"),
        (Act.DELETE, "rejected"),
    ):
        youtube.act(act, on)
        assert fake.comments[name]["status"] == status
    assert fake.banned == set()
    youtube.act(Act.BLOCK, on)
    assert fake.banned == {"ann"}


def test_our_own_comment_is_deleted_and_not_just_rejected(
    fake: FakeYouTube, youtube: Connector
) -> None:
    name = fake.comment("Wrong", CHANNEL)
    youtube.act(Act.DELETE, Ref(name, name, Kind.COMMENT, Visibility.PUBLIC, ours=True))
    assert name not in fake.comments


def test_what_youtube_has_not_is_not_offered(fake: FakeYouTube, youtube: Connector) -> None:
    on = Ref("a", "a", Kind.COMMENT, Visibility.PUBLIC)
    for act in set(Act) - {o.act for o in CAPABILITIES.offers}:
        with pytest.raises(Unsupported):
            youtube.act(act, on)
    assert {o.act for o in CAPABILITIES.offers if o.on is On.OURS} == {Act.DELETE}


def test_signing_in_with_google(fake: FakeYouTube) -> None:
    new = replace(fake.account(), secrets={"client_secret": CLIENT_SECRET})
    url = urlsplit(Connector(new, fake.now).begin(BACK, "state-1", "v" * 43).url)
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert url.path == "/o/oauth2/v2/auth"
    assert asked == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": BACK,
        "state": "state-1",
        "scope": SCOPE,
        "access_type": "offline",
        "prompt": "consent",
        **challenge("v" * 43),
    }
    fake.codes["code-1"] = (BACK, asked["code_challenge"])
    renewed = Connector(new, fake.now).exchange("code-1", BACK, "v" * 43)
    assert renewed.secrets["refresh_token"] == REFRESH
    assert renewed.expires_at is not None
    signed = Connector(replace(new, secrets={**new.secrets, **renewed.secrets}), fake.now)
    identity = signed.check()
    assert (identity.external_id, identity.handle, identity.name) == (CHANNEL, "@brand", "Brand")
    assert identity.expires_at is not None  # the project is in testing: seven days
    assert identity.expires_at - fake.now() > timedelta(days=6)


def test_a_wrong_verifier_signs_nobody_in(fake: FakeYouTube) -> None:
    fake.codes["code-1"] = (BACK, challenge("v" * 43)["code_challenge"])
    with pytest.raises(AuthRevoked, match="Bad Request"):
        Connector(fake.account(), fake.now).exchange("code-1", BACK, "w" * 43)


def test_a_wrong_client_secret_is_named(fake: FakeYouTube) -> None:
    account = fake.account()
    wrong = replace(account, secrets={**account.secrets, "client_secret": "wrong"})
    with pytest.raises(AuthRevoked, match="Google did not take the client secret"):
        Connector(wrong, fake.now).exchange("code-1", BACK, "v" * 43)


def test_a_sign_in_that_does_not_last_is_refused(fake: FakeYouTube) -> None:
    fake.fault("/token", Answer(200, {"access_token": "fake-short", "expires_in": 3599}))
    with pytest.raises(AuthRevoked, match="no lasting sign-in"):
        Connector(fake.account(), fake.now).exchange("code-1", BACK, "v" * 43)


def test_a_withdrawn_sign_in_asks_for_a_person(fake: FakeYouTube) -> None:
    account = fake.account()
    gone = replace(account, secrets={**account.secrets, "refresh_token": "fake-withdrawn"})
    with pytest.raises(AuthRevoked):
        Connector(gone, fake.now).renew()


def test_without_a_base_url_google_has_three_hosts(fake: FakeYouTube) -> None:
    url = Connector(replace(fake.account(), base_url=None), fake.now).begin(BACK, "s", "v" * 43).url
    assert url.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    assert CAPABILITIES.base_url == "https://youtube.googleapis.com"


def test_a_permission_that_was_not_ticked_is_missing(fake: FakeYouTube) -> None:
    account = fake.account()
    narrow = replace(account, secrets={**account.secrets, "scope": "openid"})
    assert Connector(narrow, fake.now).check().missing


def test_an_account_without_channel_is_told_so(fake: FakeYouTube, youtube: Connector) -> None:
    fake.fault("*", Answer(200, {"pageInfo": {}}))
    with pytest.raises(AuthRevoked, match="no YouTube channel"):
        youtube.check()
