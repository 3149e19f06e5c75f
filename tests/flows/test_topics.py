"""What a tag says beside category and urgency: its set of labels, topic, tone; and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.explain import Explanation, Neighbour, Word
from classifier.labels import TOPICS, Category, Urgency
from inbox.domain.conversation import URGENCIES, Tag, turn_tag, weight
from inbox.flows import explaining
from inbox.flows.correct import correct
from inbox.store import thread
from inbox.store.tables import Message, Tagging
from tests.flows.desk import Desk, at, own, says


@dataclass
class Guess:
    category: str
    urgency: str
    topic: str | None
    labels: tuple[str, ...]
    tone: str = "neutral"
    outside: bool = False
    category_confidence: float = 0.6
    urgency_confidence: float = 0.6
    lang: str = "en"
    needs_review: bool = True
    alternatives: Sequence[Any] = ()


class Reads:
    """A classifier that knows three messages."""

    KNOWN = (
        ("hello", Guess("general", "low", "chat", ("general",), "praise")),
        ("stolen", Guess("security", "critical", "takeover", ("security", "account"), "angry")),
        ("zzz", Guess("spam", "low", None, ("spam",), outside=True)),
    )

    def tag(self, texts: Sequence[str]) -> list[Guess]:
        return [next(guess for word, guess in self.KNOWN if word in text) for text in texts]


def stands(row: Any) -> tuple[Any, ...]:
    return row.category, row.labels, row.topic, row.tone, row.outside


def correctly(desk: Desk, category: str | None = None, topic: str | None = None) -> None:
    correct(
        desk.store,
        conversation_id=desk.conversation().id,
        agent_id=desk.agent_id,
        actor="ada@lumen.example",
        category=category,
        urgency=None,
        topic=topic,
        now=desk.clock(),
    )


def test_set_topic_and_tone_stand_with_the_message_and_its_wait(desk: Desk) -> None:
    desk.take(says("1", "hello", -9), says("2", "stolen!", -8), classifier=Reads())
    messages: list[Message] = desk.rows(Message)
    stolen = ("security", ["security", "account"], "takeover", "angry", False)
    assert [stands(row) for row in messages] == [
        ("general", ["general"], "chat", "praise", False),
        stolen,
    ]
    assert stands(desk.conversation()) == stolen
    desk.take(own("3", minutes=-7), says("4", "zzz", -6), classifier=Reads())
    assert stands(desk.conversation()) == ("spam", ["spam"], None, "neutral", True)


def test_a_persons_topic_wins_and_the_guess_stands_while_its_category_does(desk: Desk) -> None:
    desk.take(says("1", "stolen!"), classifier=Reads())
    correctly(desk, "security")
    assert stands(desk.conversation())[:3] == ("security", ["security"], "takeover")
    correctly(desk, "security", "lost_phone")
    assert desk.conversation().topic == "lost_phone"
    correctly(desk, "account")
    assert stands(desk.conversation())[:4] == ("account", ["account"], None, "angry")
    told = [(t.topic, t.before_topic) for t in desk.rows(Tagging) if t.agent_id is not None]
    assert told == [(None, "takeover"), ("lost_phone", "takeover"), (None, "lost_phone")]


def test_an_urgency_alone_corrected_names_no_category(sqlite_desk: Desk) -> None:
    sqlite_desk.take(says("1", "stolen!"))
    correctly(sqlite_desk, None)
    assert (sqlite_desk.conversation().category, sqlite_desk.conversation().labels) == (None, [])


@pytest.mark.parametrize("topic", ["sign_up", "nothing", ""])
def test_a_topic_of_another_category_is_refused_and_nothing_changes(
    sqlite_desk: Desk, topic: str
) -> None:
    desk = sqlite_desk
    desk.take(says("1", "stolen!"), classifier=Reads())
    before = len(desk.rows(Tagging))
    with pytest.raises(ValueError, match="is no topic of security"):
        correctly(desk, "security", topic)
    assert (len(desk.rows(Tagging)), desk.conversation().topic) == (before, "takeover")


@given(
    st.lists(
        st.builds(
            Tag,
            st.sampled_from([None, *map(str, Category)]),
            st.floats(0, 1),
            st.sampled_from(URGENCIES),
        ),
        max_size=6,
    )
)
def test_the_message_explained_is_the_one_that_names_the_wait(tags: list[Tag]) -> None:
    named = turn_tag(tags)
    if named.category is not None:
        assert max(tags, key=weight) == named
    else:
        assert all(tag.category is None for tag in tags)


class Model:
    """Explains by saying what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def explain(self, text: str) -> Explanation:
        self.asked.append(text)
        word = Word("stolen", Category.SECURITY, 0.7)
        like = Neighbour("my phone was stolen", Category.SECURITY, Urgency.CRITICAL, 0.8)
        return Explanation(Category.SECURITY, 0.6, (word,), (), ("not me",), (like,), "v1")


def test_the_page_is_told_why_by_the_message_that_named_the_wait(sqlite_desk: Desk) -> None:
    desk, model = sqlite_desk, Model()
    desk.take(
        says("1", "hello", -9),
        says("2", "stolen!", -8, subject="Help"),
        says("3", "hello again", -7),
        classifier=Reads(),
    )

    def why(explain: explaining.Explain) -> Explanation | None:
        with desk.store.read() as session:
            found = thread.read(session, desk.conversation().id)
        assert found is not None
        return explaining.explain_wait(found.messages, explain)

    told = why(model.explain)
    assert told is not None
    assert (told.supports[0].text, told.cues, told.version) == ("stolen", ("not me",), "v1")
    assert model.asked == ["Help\nstolen!"], "the words that it tagged, subject included"
    desk.take(says("2", "stolen!", -8, deleted_at=at(0) - timedelta(minutes=1)))
    assert why(model.explain) is not None
    assert model.asked[1:] == ["hello"]
    assert why(lambda _: None) is None


def test_every_category_offers_topics_and_none_of_them() -> None:
    assert all("other" in TOPICS[category] and len(TOPICS[category]) > 3 for category in Category)
