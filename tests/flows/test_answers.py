"""Canned answers in the store: who writes them, versions, use, lines, and that no braces go out."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import NoResultFound

from inbox.domain.answers import BadAnswer, Canned
from inbox.domain.starters import STARTERS
from inbox.flows import answer_lines
from inbox.flows import answers as flow
from inbox.flows.answers import By, NotYours
from inbox.flows.reply import ReplyInvalid, queue_reply
from inbox.store import answers as stored
from inbox.store.tables import Audit, CannedAnswer, CannedVersion, Reply
from tests.flows.desk import Desk, says

HELLO = Canned("Hello", "hi", {"en": "Hello {customer}, I am {agent}; {due}", "zh": "您好"})


def lead(desk: Desk) -> By:
    return By(9_000, "lee@lumen.example", "Lee", leads=True)


def ada(desk: Desk) -> By:
    return By(desk.agent_id, "ada@lumen.example", "Ada", leads=False)


def test_a_lead_writes_changes_removes_and_brings_back(desk: Desk) -> None:
    by, now = lead(desk), desk.clock()
    made = flow.add(desk.store, HELLO, own=False, by=by, now=now)
    other = Canned("Hello", "hi", {"en": "Hi"})
    assert flow.change(desk.store, made, other, by=by, now=now, after=1) == 2
    assert flow.change(desk.store, made, other, by=by, now=now) == 2  # the same words: no version
    with pytest.raises(BadAnswer):
        flow.change(desk.store, made, HELLO, by=by, now=now, after=1)
    flow.remove(desk.store, made, by=by, now=now)
    second = flow.add(desk.store, HELLO, own=False, by=by, now=now)  # the shortcut is free again
    with pytest.raises(BadAnswer):
        flow.restore(desk.store, made, 1, by=by, now=now)
    flow.remove(desk.store, second, by=by, now=now)
    assert flow.restore(desk.store, made, 1, by=by, now=now) == 4
    row = next(one for one in desk.rows(CannedAnswer) if one.id == made)
    assert (stored.canned(row).texts, row.removed_at) == (HELLO.texts, None)
    assert [v.written is None for v in desk.rows(CannedVersion) if v.canned_id == made] == [
        *(False, False, True, False)
    ]
    assert len([a for a in desk.rows(Audit) if a.action.startswith("answer_")]) == 6


def test_an_agent_writes_own_ones_that_others_do_not_see(sqlite_desk: Desk) -> None:
    desk, now = sqlite_desk, sqlite_desk.clock()
    team = flow.add(desk.store, HELLO, own=False, by=lead(desk), now=now)
    with pytest.raises(NotYours):
        flow.add(desk.store, HELLO, own=False, by=ada(desk), now=now)
    with pytest.raises(NotYours):
        flow.remove(desk.store, team, by=ada(desk), now=now)
    own = flow.add(desk.store, HELLO, own=True, by=ada(desk), now=now)  # the same shortcut is free
    stranger = By(8_000, "bo@lumen.example", "Bo", leads=False)
    with pytest.raises(NoResultFound):
        flow.change(desk.store, own, HELLO, by=stranger, now=now)
    with desk.store.read() as session:
        assert [row.id for row in stored.listed(session, stranger.id)] == [team]
        assert {row.id for row in stored.listed(session, desk.agent_id)} == {team, own}
    with pytest.raises(BadAnswer):
        flow.share(desk.store, own, by=lead(desk), now=now)  # the team has this shortcut
    flow.remove(desk.store, team, by=lead(desk), now=now)
    flow.share(desk.store, own, by=lead(desk), now=now)
    with desk.store.read() as session:
        assert [row.id for row in stored.listed(session, stranger.id)] == [own]


def test_two_who_take_one_shortcut_at_once_do_not_both_get_it(desk: Desk) -> None:
    def take(_: int) -> bool:
        try:
            flow.add(desk.store, HELLO, own=False, by=lead(desk), now=desk.clock())
        except BadAnswer:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, range(2))) == [False, True]


def test_of_two_who_change_one_answer_at_once_the_second_is_told(desk: Desk) -> None:
    made = flow.add(desk.store, HELLO, own=False, by=lead(desk), now=desk.clock())
    barrier = Barrier(2)

    def change(name: str) -> str:
        barrier.wait()
        try:
            written = replace(HELLO, name=name)
            flow.change(desk.store, made, written, by=lead(desk), now=desk.clock(), after=1)
        except BadAnswer as e:
            return str(e)
        return name

    for n in range(5):
        with desk.store.write() as session:
            session.execute(delete(CannedVersion).where(CannedVersion.version > 1))
            session.get_one(CannedAnswer, made).version = 1
        with ThreadPoolExecutor(2) as pool:
            told = list(pool.map(change, (f"one {n}", f"two {n}")))
        [row] = desk.rows(CannedAnswer)
        assert sorted(told) == sorted([row.name, flow.STALE])
        assert row.version == 2


def test_an_answer_is_filled_for_its_conversation_and_counted_once_sent(waiting: Desk) -> None:
    desk = waiting
    made = flow.add(desk.store, HELLO, own=False, by=lead(desk), now=desk.clock())
    with desk.store.read() as session:
        [found] = flow.for_conversation(session, desk.conversation().id, ada(desk))
    assert found.filled.text.startswith("Hello Ann, I am Ada; Nov 24, 08:50")
    assert found.filled.missing == ()

    def send(text: str, key: str) -> int:
        return queue_reply(
            desk.store,
            conversation_id=desk.conversation().id,
            agent_id=desk.agent_id,
            actor="ada@lumen.example",
            text=text,
            visibility="private",
            form_key=key,
            shown=desk.newest(),
            now=desk.clock(),
            canned=made,
        )

    with pytest.raises(ReplyInvalid) as refused:
        send("Hello {customer}, {due}", "form-1")
    assert refused.value.code == "braces"
    assert "{customer}, {due}" in refused.value.reason
    assert desk.rows(Reply) == []
    send(found.filled.text, "form-1")
    send(found.filled.text, "form-1")  # a double click
    assert [row.uses for row in desk.rows(CannedAnswer)] == [1]
    assert [row.canned_id for row in desk.rows(Reply)] == [made]


def test_without_a_wait_or_a_name_the_variable_is_named(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1"))
    desk.answer()
    flow.add(desk.store, HELLO, own=False, by=lead(desk), now=desk.clock())
    with desk.store.write() as session:
        row = session.get_one(type(desk.conversation()), desk.conversation().id)
        row.due_at = None
    with desk.store.read() as session:
        [found] = flow.for_conversation(session, desk.conversation().id, ada(desk))
    assert found.filled.missing == ("due",)
    assert "{due}" in found.filled.text


def test_out_and_in_again_changes_nothing_and_a_bad_line_is_named(sqlite_desk: Desk) -> None:
    desk, by = sqlite_desk, lead(sqlite_desk)
    assert answer_lines.adopt(desk.store, STARTERS, by=by, now=desk.clock()) == len(STARTERS)
    assert answer_lines.adopt(desk.store, STARTERS, by=by, now=desk.clock()) == 0
    with desk.store.read() as session:
        lines = list(answer_lines.lines(session))
    changed = json.dumps(json.loads(lines[0]) | {"name": "New"})
    new = json.dumps({"name": "New", "shortcut": "new", "texts": {"en": "x"}})
    odd = json.dumps({"name": "Odd", "shortcut": "odd", "texts": {"en": "a\u2028b\x85c"}})
    assert answer_lines.read(desk.store, [odd], by=by, now=desk.clock()).new == 1
    with desk.store.read() as session:
        file = "\ufeff" + "\r\n".join(answer_lines.lines(session))
    same = answer_lines.read(desk.store, answer_lines.lines_in(file), by=by, now=desk.clock())
    assert (same.same, same.refused) == (len(STARTERS) + 1, [])
    bad = ["{", "[]"]
    broken = {"name": "a", "shortcut": "b", "texts": {"\ud800": "x"}, "category": "\ud800"}
    bad += [f'{{"name": "a", "shortcut": "b", "texts": {texts}}}' for texts in ("5", "{}")]
    bad += [json.dumps(broken), json.dumps(broken | {"texts": {"en": "x"}})]
    done = answer_lines.read(desk.store, [*lines, changed, new, "", *bad], by=by, now=desk.clock())
    assert (done.new, done.changed, done.same) == (1, 1, len(STARTERS))
    assert [number for number, _ in done.refused] == [len(lines) + n for n in range(4, 10)]
    assert all(why.encode() for _, why in done.refused)  # half a character is said as one
    with pytest.raises(NotYours):
        answer_lines.read(desk.store, lines, by=ada(desk), now=desk.clock())
