"""Many people who write about the same thing: found, offered, and answered once each."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event, update

from classifier.model import load
from connectors.core.contract import Visibility
from inbox.domain.actions import BadActions
from inbox.domain.answers import BadAnswer
from inbox.flows import bulk, surges, teams
from inbox.flows.answers import By, NotYours
from inbox.flows.ingest import Tagger
from inbox.flows.surging import Watch
from inbox.flows.teams import Wanted
from inbox.store import notices
from inbox.store import surges as stored
from inbox.store.tables import (
    ActionRun,
    Audit,
    Conversation,
    Message,
    Notice,
    Reply,
    Surge,
    SurgeMember,
)
from templates import render
from tests.factories import make_account, make_brand, make_team, make_user
from tests.flows.desk import Desk, says

DOWN = (
    "Your app says service unavailable when I open it",
    "app won't load, just a spinning circle since this afternoon",
    "getting error 503 every time I try to open the app",
    "cannot open the app, it crashes at the start screen",
    "why is the app down again",
    "你们的app打不开了",
    "网站和应用都打不开，怎么回事",
)
ELSE = (
    *("Where is my refund from last week?", "我想注销账户", "passport photo was rejected, why"),
    *("What are the fees for sending money to Spain", "推荐有奖活动怎么参加", "👍👍", "503"),
)
TEXTS = {"en": "Hello {customer}, we are on it.", "zh": "{customer}，我们正在处理。"}


def by_first_word(texts: Sequence[str]) -> Any:
    """Texts that begin with the same word say the same; others have nothing in common."""
    found = np.zeros((len(texts), 64), dtype=np.float32)
    for row, text in enumerate(texts):
        found[row, sum(map(ord, text.split()[0])) % 64] = 1
    return found


def lead(desk: Desk) -> By:
    return By(desk.agent_id, "ada@lumen.example", "Ada", leads=True)


def crowd(
    desk: Desk, texts: Sequence[str], start: int = 0, classifier: Tagger | None = None, **more: Any
) -> None:
    """So many people write, each in a conversation of their own."""
    desk.take(
        *(
            says(f"m{n}", text, -60 + n / 10, author=f"c{n}", conversation=f"t{n}", **more)
            for n, text in enumerate(texts, start)
        ),
        classifier=classifier,
    )


def down(desk: Desk, many: int = 6) -> Watch:
    """Everybody says that it is down, and the watch has seen it."""
    crowd(desk, [f"down {n}" for n in range(many)])
    watch = Watch(desk.store, by_first_word)
    assert watch.look(desk.clock()) == many
    return watch


def seen(desk: Desk) -> dict[int, int]:
    """What the page of the first surge offers: conversation → the last message there."""
    with desk.store.read() as session:
        return {
            row.conversation_id: row.last_message_id for row in stored.offered(session, 1, 1_000)
        }


def send(desk: Desk, chosen: dict[int, int], key: str = "k", **more: Any) -> int:
    values: dict[str, Any] = {"texts": TEXTS, "by": lead(desk), "now": desk.clock()} | more
    return surges.send(desk.store, 1, chosen, key=key, **values)


def answered(desk: Desk) -> list[int]:
    return [row.conversation_id for row in desk.rows(Reply)]


def test_leads_who_see_all_of_a_surge_are_told_once_when_it_grows(desk: Desk) -> None:
    make_brand(desk.store)
    lee, cy = (make_user(desk.store, name, "lead") for name in ("Lee Lead", "Cy Hall"))
    watch = down(desk)  # six people: not worth a word
    make_team(desk.store, "Cards", [lee], [desk.account])  # Cy does not see it
    assert desk.rows(Notice) == []
    for start in (6, 12):
        crowd(desk, [f"down {n}" for n in range(start, start + 6)], start)
        watch.look(desk.clock())
        Watch(desk.store, by_first_word).look(desk.clock())  # another process, or after a restart
    told = {row.channel: row for row in desk.rows(Notice)}
    assert len(desk.rows(Notice)) == len(told) == 2
    assert {(row.user_id, row.kind, row.times, row.surge_id) for row in told.values()} == {
        (lee.id, "surge", 12, 1)
    }
    with desk.store.read() as session:
        assert notices.unread(session, lee.id) == 1
        assert notices.unread(session, cy.id) == 0
        (mail,) = notices.to_mail(session, desk.clock() + notices.MAIL_AFTER)
    assert mail.unread
    said: dict[str, Any] = {"lines": [], "late": 0, "told": [mail], "stopped": [], "brand": "Lumen"}
    said |= {"base": "https://desk.example", "now": desk.clock()}
    assert "12 people" in render("mail/notices_subject.txt", "en", "UTC", **said)
    letter = render("mail/notices.txt", "en", "UTC", **said).splitlines()
    assert "  https://desk.example/surges/1" in letter
    border = Wanted("Cards", accounts=frozenset({desk.account.id}))  # Lee does not see it any more
    teams.change(desk.store, 1, border, actor="cli", now=desk.clock())
    assert desk.rows(Notice) == []


def test_a_lead_who_does_not_see_who_joined_later_is_told_no_more(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    make_brand(desk.store)
    lee, bo = (make_user(desk.store, name, "lead") for name in ("Lee Lead", "Bo Team"))
    shops = make_account(desk.store, handle="@shops")
    make_team(desk.store, "Shops", [bo], [shops])
    watch = down(desk)
    crowd(desk, [f"down {n}" for n in range(6, 14)], 6)
    watch.look(desk.clock())
    assert {row.user_id for row in desk.rows(Notice)} == {lee.id, bo.id}
    crowd(replace(desk, account=shops), ["down there"], 50)
    assert watch.look(desk.clock()) == 1
    assert {row.user_id for row in desk.rows(Notice)} == {bo.id}


def test_who_writes_about_the_same_is_found_across_languages(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    crowd(desk, [*DOWN, *ELSE])
    watch = Watch(desk.store)
    watch.look(desk.clock())
    [surge] = desk.rows(Surge)
    with desk.store.read() as session:
        members = {row.preview for row in stored.offered(session, surge.id, 99)}
    assert members <= set(DOWN)
    assert len(members) >= len(DOWN) - 1
    assert {"你们的app打不开了"} <= members
    assert (surge.people, surge.since.minute, surge.growing) == (len(members), 0, True)
    crowd(desk, ["the application does not open", "应用打不开", "How do I add a card?"], 50)
    watch.look(desk.clock())
    [surge] = desk.rows(Surge)
    assert surge.people == len(members) + 2
    assert desk.rows(Reply) == []  # who joins is offered, and answered by nobody


def test_few_people_are_no_surge_however_much_they_write(desk: Desk) -> None:
    crowd(desk, ["down"] * 4)
    desk.take(*(says(f"n{n}", "down", author="c1", conversation=f"u{n}") for n in range(5)))
    watch = Watch(desk.store, by_first_word)
    assert watch.look(desk.clock()) == 0
    crowd(desk, ["down", "refund", "code"], 10)
    assert watch.look(desk.clock()) == 10
    assert [row.people for row in desk.rows(Surge)] == [5]


def test_each_is_answered_once_with_its_own_reply_in_its_language(desk: Desk) -> None:
    down(desk)
    crowd(desk, ["down 断了"], 20)
    with desk.store.write() as session:
        session.execute(update(Message).where(Message.text == "down 断了").values(lang="zh"))
    crowd(desk, ["down in public"], 30, kind="comment", visibility=Visibility.PUBLIC)
    Watch(desk.store, by_first_word).look(desk.clock())
    chosen = seen(desk)
    left = min(chosen)
    del chosen[left]
    job = send(desk, chosen, left_out=[left])
    assert send(desk, chosen) == job  # a double click
    assert bulk.work(desk.store, desk.clock) == 7
    replies = desk.rows(Reply)
    assert sorted(answered(desk)) == sorted(chosen)
    assert len({row.form_key for row in replies} | {row.key for row in replies}) == 14
    by_text = {row.text: row.visibility for row in replies}
    assert by_text["C20，我们正在处理。"] == "private"
    assert by_text["Hello C30, we are on it."] == "public"
    assert seen(desk).keys() == {left}  # left out, and told so
    assert [row.conversation_id for row in desk.rows(SurgeMember) if row.out] == [left]
    assert [a.action for a in desk.rows(Audit) if "surge" in a.action] == ["surge_send"]


def test_two_leads_who_send_at_once_answer_nobody_twice(desk: Desk) -> None:
    down(desk)
    chosen = seen(desk)
    bo = make_user(desk.store, "Bo Narin", "lead")

    def press(by: By) -> int:
        try:
            return send(desk, chosen, by.name, by=by)
        except BadActions:  # the other one has them all
            return 0

    with ThreadPoolExecutor(2) as pool:
        jobs = list(pool.map(press, (lead(desk), By.of(bo))))
    bulk.work(desk.store, desk.clock)
    assert sorted(jobs) == [0, 1]
    assert sorted(answered(desk)) == sorted(chosen)


def test_a_job_that_died_in_the_middle_goes_on_and_sends_nothing_twice(desk: Desk) -> None:
    down(desk)
    chosen = seen(desk)
    send(desk, chosen)

    left = 0

    def dies(_: object) -> None:
        """The process is gone with the commit, and what it was about to keep with it."""
        nonlocal left
        left -= 1
        if left < 0:
            raise InterruptedError

    event.listen(desk.store.writer, "commit", dies)
    for commits in (0, 2, 1):
        left = commits
        with pytest.raises(InterruptedError):
            bulk.work(desk.store, desk.clock)
    event.remove(desk.store.writer, "commit", dies)
    assert len(answered(desk)) == 3
    bulk.work(desk.store, desk.clock)
    assert sorted(answered(desk)) == sorted(chosen)
    assert {row.state for row in desk.rows(ActionRun)} == {"done"}


def test_who_wrote_since_the_page_was_loaded_is_told_and_offered_again(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    down(desk)
    chosen = seen(desk)
    desk.take(says("new", "still?", 0, author="c0", conversation="t0"))
    send(desk, chosen)
    bulk.work(desk.store, desk.clock)
    assert len(answered(desk)) == len(chosen) - 1
    [again] = seen(desk)
    assert again == desk.conversation("c0").id
    with desk.store.read() as session:
        [row, *_] = stored.answered(session, 1, 9)
    assert "wrote again" in row.why
    send(desk, seen(desk), "again")
    bulk.work(desk.store, desk.clock)
    assert sorted(answered(desk)) == sorted(chosen)


def test_what_is_taken_back_is_offered_again(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    down(desk)
    job = send(desk, seen(desk))
    assert seen(desk) == {}
    bulk.undo(desk.store, job, by=lead(desk), now=desk.clock())
    bulk.work(desk.store, desk.clock)
    assert len(seen(desk)) == 6
    desk.answer("By hand", conversation=min(seen(desk)))
    assert len(seen(desk)) == 5  # an answer of somebody is on its way there


def test_only_leads_send_and_a_card_number_goes_to_nobody(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    down(desk)
    agent = By(desk.agent_id, "ada@lumen.example", "Ada", leads=False)
    with pytest.raises(NotYours):
        send(desk, seen(desk), by=agent)
    with pytest.raises(NotYours):
        surges.close(desk.store, 1, closed=True, by=agent, now=desk.clock())
    for text in ("Pay to 4111 1111 1111 1111", "Hi {name}", " "):
        with pytest.raises(BadAnswer):
            send(desk, seen(desk), texts={"en": text})
    with pytest.raises(BadActions):
        send(desk, {999: 1})
    assert desk.rows(Reply) == desk.rows(ActionRun) == []
    surges.keep(
        desk.store, 1, TEXTS, chosen=[1], left_out=[2], by=agent, now=desk.clock()
    )  # an agent prepares it
    assert desk.rows(Surge)[0].texts == TEXTS


def test_what_a_lead_put_aside_takes_in_who_comes_and_is_not_shown_again(
    sqlite_desk: Desk,
) -> None:
    desk = sqlite_desk
    watch = down(desk)
    surges.close(desk.store, 1, closed=True, by=lead(desk), now=desk.clock())
    crowd(desk, [f"down {n}" for n in range(6)], 40)
    assert watch.look(desk.clock()) == 6
    assert [(row.people, row.closed_by) for row in desk.rows(Surge)] == [(12, "ada@lumen.example")]
    surges.close(desk.store, 1, closed=False, by=lead(desk), now=desk.clock())
    assert len(seen(desk)) == 12


def test_a_surge_that_nobody_waits_in_ends_by_itself(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    watch = down(desk)
    send(desk, seen(desk))
    bulk.work(desk.store, desk.clock)
    watch.look(desk.clock())
    assert desk.rows(Surge)[0].closed_at is None  # more may come
    desk.clock.forward(hours=13)
    watch.look(desk.clock())
    assert desk.rows(Surge)[0].closed_by == "system"


def test_who_is_blocked_or_answered_belongs_to_none(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    crowd(desk, ["down"] * 7)
    with desk.store.write() as session:
        session.get_one(Conversation, 1).status = "spam"
    desk.answer(conversation=2)
    assert Watch(desk.store, by_first_word).look(desk.clock()) == 6  # the answer has not left yet
    assert len(seen(desk)) == 5


def test_two_processes_that_look_at_once_find_it_once(desk: Desk) -> None:
    crowd(desk, [f"down {n}" for n in range(8)])
    both = Barrier(2)

    def together(texts: Sequence[str]) -> Any:
        if texts:  # each has read what waits, and found nothing known
            both.wait(30)
        return by_first_word(texts)

    watches = [Watch(desk.store, together) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        joined = sorted(pool.map(lambda watch: watch.look(desk.clock()), watches))
    assert joined == [0, 8]
    assert [row.people for row in desk.rows(Surge)] == [8]


def test_a_look_that_finds_nothing_stores_nothing(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    crowd(desk, ["down", "refund", "code", "card", "hello", "fees"])
    watch = Watch(desk.store, by_first_word)
    begun: list[object] = []
    event.listen(desk.store.writer, "begin", begun.append)
    assert watch.look(desk.clock()) == 0
    assert begun == []
    crowd(desk, ["down"] * 4, 20)
    begun.clear()
    assert (watch.look(desk.clock()), len(begun)) == (5, 1)


def demo_texts() -> list[str]:
    """What the demo's customers ask: each about something else, many to the same account."""
    lines = Path("connectors/demo.jsonl").read_text("utf-8").splitlines()
    said = [json.loads(line) for line in lines]
    return [one["text"] for one in said if not one.get("before")]


@pytest.mark.parametrize("tagged", [False, True])
def test_unlike_messages_are_no_surge_and_hide_none(sqlite_desk: Desk, tagged: bool) -> None:
    """With the tags of the classifier, and before it has given any."""
    desk = sqlite_desk
    classifier = load() if tagged else None
    crowd(desk, demo_texts(), classifier=classifier)
    watch = Watch(desk.store)
    watch.look(desk.clock())
    assert desk.rows(Surge) == []
    crowd(desk, DOWN, 500, classifier=classifier)
    watch.look(desk.clock())
    [surge] = desk.rows(Surge)
    joined = {row.conversation_id for row in desk.rows(SurgeMember)}
    said = [one.preview for one in desk.rows(Conversation) if one.id in joined]
    assert len(set(said) & set(DOWN)) >= len(DOWN) - 2
    assert all(" app " in text for text in set(said) - set(DOWN))  # it crashes, it signs me out
    assert surge.people == len(said)
