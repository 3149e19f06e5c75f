"""Playbooks in the store: versions, lines, and ticks that never come to mean another step."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import NoResultFound

from inbox.domain.playbooks import BadPlaybook, Playbook
from inbox.flows import playbook_lines
from inbox.flows import playbooks as flow
from inbox.flows.answers import By, NotYours
from inbox.flows.correct import correct
from inbox.store import playbooks as stored
from inbox.store.tables import Audit, Event, PlaybookTick, PlaybookVersion
from tests.factories import make_canned
from tests.flows.desk import Desk

LEAD = By(9_000, "lee@lumen.example", "Lee", leads=True)
TWO = Playbook(
    "refund",
    {"en": {"check": ("Find it", "Who decides")}, "zh": {"check": ("找到它", "谁决定")}},
    ("hi", "gone"),
)
OTHER = Playbook("refund", {"en": {"check": ("Another", "Who decides")}})


def ada(desk: Desk) -> By:
    return By(desk.agent_id, "ada@lumen.example", "Ada", leads=False)


def refund(desk: Desk, topic: str | None = None) -> int:
    """The waiting conversation's number, tagged as refund."""
    id_ = desk.conversation().id
    correct(
        desk.store,
        conversation_id=id_,
        agent_id=desk.agent_id,
        actor="ada@lumen.example",
        category="refund",
        urgency=None,
        topic=topic,
        now=desk.clock(),
    )
    return id_


def tick(
    desk: Desk,
    step: str,
    version: int = 1,
    done: bool = True,
    lang: str = "en",
    place: str = "refund",
) -> None:
    flow.tick(
        desk.store,
        conversation_id=desk.conversation().id,
        place=place,
        version=version,
        step=step,
        done=done,
        by=ada(desk),
        lang=lang,
        now=desk.clock(),
    )


def there(desk: Desk) -> flow.Standing | None:
    with desk.store.read() as session:
        return flow.of_conversation(session, desk.conversation().id, ada(desk))


def test_a_lead_writes_changes_removes_and_brings_back(sqlite_desk: Desk) -> None:
    store, now = sqlite_desk.store, sqlite_desk.clock()
    with pytest.raises(NotYours):
        flow.write(store, TWO, by=ada(sqlite_desk), now=now)
    assert flow.write(store, TWO, by=LEAD, now=now, after=0) == 1
    assert flow.write(store, TWO, by=LEAD, now=now) == 1  # the same words: no version
    assert flow.write(store, OTHER, by=LEAD, now=now, after=1) == 2
    with pytest.raises(BadPlaybook):
        flow.write(store, TWO, by=LEAD, now=now, after=1)
    assert flow.remove(store, "refund", by=LEAD, now=now) == 3
    with store.read() as session:
        assert stored.listed(session) == []
    assert flow.restore(store, "refund", 1, by=LEAD, now=now) == 4
    with store.read() as session:
        assert [stored.playbook(r.place, r.written) for r in stored.listed(session)] == [TWO]
    with pytest.raises(NoResultFound):
        flow.restore(store, "refund", 3, by=LEAD, now=now)
    written = [v.written is not None for v in sqlite_desk.rows(PlaybookVersion)]
    assert written == [True, True, False, True]


def test_two_who_write_one_playbook_at_once_make_two_versions_or_one_is_told(desk: Desk) -> None:
    def write(playbook: Playbook) -> int:
        try:
            return flow.write(desk.store, playbook, by=LEAD, now=desk.clock(), after=0)
        except BadPlaybook:
            return 0

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(write, (TWO, OTHER))) == [0, 1]


def test_a_step_is_ticked_once_seen_by_all_and_told_in_the_history(waiting: Desk) -> None:
    desk = waiting
    refund(desk, "status")
    assert there(desk) is None
    make_canned(desk.store)
    flow.write(desk.store, TWO, by=LEAD, now=desk.clock())
    found = there(desk)  # the topic has none: the category's
    assert found is not None
    assert [one.filled.text for one in found.answers] == ["Hello Ann"]  # "gone" is no answer
    before = len(desk.rows(Event))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: tick(desk, "check.0", lang="zh"), range(2)))
    found = there(desk)
    assert found is not None
    assert [(one.by, one.version) for one in found.done.values()] == [("ada@lumen.example", 1)]
    assert len(desk.rows(Event)) == before + 1
    tick(desk, "check.0", done=False)
    told = [a.detail for a in desk.rows(Audit) if a.action == "playbook_step"]
    assert told == [{"step": "找到它", "on": True}, {"step": "Find it", "on": False}]
    assert desk.rows(PlaybookTick) == []


def test_a_tick_stays_with_the_words_that_were_ticked(waiting: Desk) -> None:
    desk = waiting
    refund(desk)
    flow.write(desk.store, TWO, by=LEAD, now=desk.clock())
    tick(desk, "check.0")
    flow.write(desk.store, OTHER, by=LEAD, now=desk.clock())
    found = there(desk)
    assert found is not None
    assert (found.playbook, found.version, found.newest) == (TWO, 1, 2)
    tick(desk, "check.1")  # goes on with the version that it began with
    for step in ("check.0", "check.1"):
        tick(desk, step, done=False)
    found = there(desk)
    assert found is not None
    assert (found.playbook, found.version) == (OTHER, 2)
    for step, version in (("check.0", 1), ("check.7", 2)):
        with pytest.raises(BadPlaybook):
            tick(desk, step, version)
    with pytest.raises(BadPlaybook):
        tick(desk, "check.0", 2, place="refund\x00")
    with pytest.raises(NoResultFound):
        flow.restore(desk.store, "refund\x00", 1, by=LEAD, now=desk.clock())
    assert desk.rows(PlaybookTick) == []


def test_out_and_in_again_changes_nothing_and_a_bad_line_is_named(sqlite_desk: Desk) -> None:
    store, now = sqlite_desk.store, sqlite_desk.clock()
    few = [one for one in playbook_lines.starters() if one.place.startswith("refund")]
    assert playbook_lines.adopt(store, few, by=LEAD, now=now) == len(few)
    assert playbook_lines.adopt(store, few, by=LEAD, now=now) == 0
    with store.read() as session:
        lines = list(playbook_lines.lines(session))
    changed = json.dumps({"place": "refund", "texts": {"en": {"check": ["Look"]}}})
    new = json.dumps({"place": "spam", "texts": {"en": {"check": ["Look"]}}})
    bad = ["{", "[]", '{"place": "spam", "texts": 5}', '{"place": 1, "texts": {}}']
    bad += ['{"place": "spam", "texts": {"en": ["x"]}}', '{"place": "\\ud800", "texts": {}}']
    done = playbook_lines.read(store, [*lines, changed, new, "", *bad], by=LEAD, now=now)
    assert (done.new, done.changed, done.same) == (1, 1, len(few))
    assert [number for number, _ in done.refused] == [len(lines) + n for n in range(4, 10)]
    with pytest.raises(NotYours):
        playbook_lines.read(store, lines, by=ada(sqlite_desk), now=now)
