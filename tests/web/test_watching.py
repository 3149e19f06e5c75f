"""Viewing and typing: told at once, over by itself, and stored nowhere."""

import json
from typing import Any

import httpx2
import pytest
from sqlalchemy import event

from inbox.store.session import Store
from inbox.store.tables import Conversation, User
from inbox.web.live import Live
from inbox.web.watching import Watching
from tests.clock import Clock
from tests.factories import make_conversation
from tests.web.api.calling import V1, program
from tests.web.serving import Site
from tests.web.test_live import listening, wait_until


@pytest.fixture
def talk(site: Site) -> Conversation:
    return make_conversation(site.store)


def at_it(browser: httpx2.Client, talk: Conversation, **form: str) -> int:
    headers = {"Replydesk-Live": "1"}
    return browser.post(f"/conversations/{talk.id}/here", data=form, headers=headers).status_code


def seen(browser: httpx2.Client) -> list[tuple[str, bool]]:
    return [(one["name"], one["typing"]) for one in browser.get("/watching").json()]


def test_colleagues_see_who_is_there_and_nobody_sees_themselves(
    site: Site, talk: Conversation, ada: User, bo: User, cy: User
) -> None:
    lead, agent, auditor = (site.signed_in(one) for one in (ada, bo, cy))
    assert at_it(agent, talk, page="one") == 204
    assert at_it(agent, talk, page="two", typing="1") == 204
    assert seen(lead) == seen(auditor) == [("Bo Narin", True)]
    assert seen(agent) == []
    site.clock.forward(seconds=6)
    assert seen(lead) == [("Bo Narin", False)]
    assert at_it(agent, talk, page="two", gone="1") == 204
    assert seen(lead) == [("Bo Narin", False)]
    site.clock.forward(seconds=19)
    assert seen(lead) == []
    assert at_it(agent, make_conversation(site.store, id=999), page="x") == 204
    assert agent.post("/conversations/77/here", data={"page": "x"}).status_code == 404
    assert at_it(auditor, talk, page="one") == 404


def test_who_chose_to_be_offline_is_not_seen_looking_but_typing(
    site: Site, talk: Conversation, ada: User, bo: User
) -> None:
    lead, agent = site.signed_in(ada), site.signed_in(bo)
    agent.post("/me/presence", data={"state": "offline"})
    at_it(agent, talk)
    assert seen(lead) == []
    at_it(agent, talk, typing="1")
    assert seen(lead) == [("Bo Narin", True)]


def test_a_letter_writes_nothing(site: Site, talk: Conversation, bo: User) -> None:
    agent = site.signed_in(bo)
    said: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        said.append(statement)

    for engine in (site.store.writer, site.store.reader):
        event.listen(engine, "before_cursor_execute", note)
    at_it(agent, talk, typing="1")
    assert {words.split()[0] for words in said} <= {"BEGIN", "SELECT"}


def test_it_is_told_live_and_the_end_of_the_stream_is_leaving(
    site: Site, talk: Conversation, ada: User, bo: User
) -> None:
    lead, agent = site.signed_in(ada), site.signed_in(bo)
    with listening(site, lead) as page:
        page.next("beat")
        with agent.stream("GET", "/events?page=mine") as line:
            lines = line.iter_lines()  # kept: forgotten, it would close the line
            next(lines)
            at_it(agent, talk, page="mine")
            heard = page.next("watching")
            assert heard is not None
            assert heard["data"] == {"conversation": talk.id}
            assert "id" not in heard  # nothing that a replay could count on
            assert seen(lead) == [("Bo Narin", False)]
        assert page.next("watching") is not None
        assert seen(lead) == []


def test_a_page_that_opened_its_stream_again_has_not_left(clock: Clock) -> None:
    watching = Watching(clock)
    watching.opened(2, "a")
    watching.say(2, "Bo", "a", 7, typing=False)
    watching.opened(2, "a")
    watching.closed(2, "a")
    assert len(watching.there()) == 1
    watching.closed(2, "a")
    assert watching.there() == []


def test_news_is_what_changed_and_was_not_told_yet(clock: Clock) -> None:
    watching = Watching(clock)

    def told() -> list[int]:
        news = watching.news()
        watching.told()
        return news

    watching.say(2, "Bo", "a", 7, typing=False)
    assert watching.news() == [7]
    assert told() == [7]  # telling failed: it is news still
    watching.say(2, "Bo", "a", 7, typing=False)
    assert told() == []
    watching.say(2, "Bo", "a", 8, typing=True)
    assert told() == [7, 8]
    clock.forward(seconds=25)
    assert told() == [8]
    assert told() == []


def test_what_changed_and_changed_back_is_news_for_who_asked_in_between(clock: Clock) -> None:
    watching = Watching(clock)
    watching.say(2, "Bo", "a", 7, typing=False)
    assert watching.news() == [7]
    watching.say(2, "Bo", "a", 7, typing=True)
    watching.say(2, "Bo", "a", 7, typing=False)
    watching.told()  # of what was news before
    assert watching.news() == [7]
    watching.told()
    watching.leave(2, "a")
    watching.say(2, "Bo", "a", 7, typing=False)
    assert watching.news() == [7]


class _Stumbling(Watching):
    """Fails once, as no database would."""

    stumbled = False

    def news(self) -> list[int]:
        found = super().news()
        if found and not self.stumbled:
            self.stumbled = True
            raise KeyError("page")
        return found


def test_the_watcher_outlives_any_error_and_tells_what_it_had_not(
    store: Store, clock: Clock
) -> None:
    watching = _Stumbling(clock)
    live = Live(store, watching)
    try:
        live.start()
        watching.say(2, "Bo", "a", 7, typing=True)
        wait_until(lambda: watching.stumbled and watching.news() == [])
    finally:
        live.stop()


def test_processes_tell_each_other_over_postgresql(postgres_url: str, clock: Clock) -> None:
    """What another one says is heard there, and the own words coming back change nothing."""
    stores = [Store(postgres_url), Store(postgres_url)]
    here, there = Watching(clock), Watching(clock)
    lives = [Live(stores[0], here), Live(stores[1], there)]
    try:
        for live in lives:
            live.start()
        there.say(2, "Bo", "a", 7, typing=True)
        wait_until(lambda: [one.typing for one in here.there()] == [True])
        there.leave(2, "a")
        wait_until(lambda: here.there() == [])
        assert there.there() == []
    finally:
        for live, store in zip(lives, stores, strict=True):
            live.stop()
            store.close()


def test_words_that_fit_in_no_notification_stay_here(clock: Clock) -> None:
    watching = Watching(clock)
    watching.say(2, "B" * 9000, "a", 7, typing=True)
    watching.say(2, "Bo", "a", 7, typing=True)
    (payload,) = watching.unspread()
    watching.hear(payload.replace('"a"', '"b"'))  # its own words
    said: dict[str, Any] = json.loads(payload)
    assert (said["conversation"], said["page"]) == (7, "a")
    assert len(watching.there()) == 1
    assert watching.unspread() == [payload]  # until it was spread
    watching.spread(1)
    assert watching.unspread() == []


def test_programs_say_and_ask_the_same(site: Site, talk: Conversation, ada: User, bo: User) -> None:
    bot = program(site, bo)
    told = bot.post(f"{V1}/conversations/{talk.id}/here", json={"typing": True}).json()
    assert told == {"watching": [{"conversation_id": talk.id, "name": "Bo Narin", "typing": True}]}
    assert seen(site.signed_in(ada)) == [("Bo Narin", True)]
    assert bot.post(f"{V1}/conversations/{talk.id}/here", json={"gone": True}).json() == {
        "watching": []
    }
    assert bot.get(f"{V1}/watching").json() == {"watching": []}
