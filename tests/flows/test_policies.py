"""Changing policies and calendars: new versions, open turns judged anew, ended ones left alone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from inbox.domain import written
from inbox.domain.promises import Matter, in_force
from inbox.domain.written import Document, Unclear
from inbox.flows.branding import BrandChange, change_brand
from inbox.flows.policies import apply_due, change_calendar, change_policies
from inbox.flows.refold import refold, verdict
from inbox.flows.zones import first_zone
from inbox.store import promises as stored
from inbox.store.session import Within
from inbox.store.tables import Audit, CalendarVersion, Conversation, PolicyVersion, TurnRow
from templates import words
from tests.factories import make_brand
from tests.flows.desk import Desk, at, own, says
from tests.flows.test_refold import FIXED, Says, current

HOUR = timedelta(hours=1)


def document(desk: Desk) -> Document:
    """The newest set, as a file would have it."""
    with desk.store.read() as session:
        return written.policies_document(stored.promises(session).policies[-1].read())


def promised(desk: Desk, first: str, **more: Any) -> Document:
    """The newest set, with another promise for social media."""
    found = document(desk)
    found["policy"][-1] |= {"first": first} | more
    return found


def change(desk: Desk, wanted: Document, **more: Any) -> Any:
    return change_policies(desk.store, wanted, actor="ada", now=desk.clock(), **more)


@pytest.mark.parametrize(
    ("channel", "kind", "target"),
    [
        ("x", "mention", "24h"),
        ("mastodon", "dm", "24h"),
        ("a-channel-of-tomorrow", "dm", "24h"),
        ("email", "email", "24h"),
        ("webhook", "form", "24h"),
        ("webhook", "webhook", "24h"),
        ("inapp", "dm", "3bd"),
        ("webhook", "inapp", "3bd"),
        ("phone", "dm", "3bd"),
        ("webhook", "call", "3bd"),
    ],
)
def test_the_promises_that_a_new_installation_makes(
    sqlite_desk: Desk, channel: str, kind: str, target: str
) -> None:
    with sqlite_desk.store.read() as session:
        known = stored.promises(session)
    for urgency, internal in (("high", []), ("critical", ["1h"])):
        about = (Matter(channel, kind, "payment", urgency), at(0), True, None)
        assert str(known.public(*about).target) == target
        assert [str(p.target) for p in known.internal(*about)] == internal


def test_each_promise_of_a_new_installation_has_its_name_in_every_language(
    sqlite_desk: Desk,
) -> None:
    """What a migration writes is no text of a page: only the table of words has it translated."""
    said = sqlite_desk.rows(PolicyVersion)[-1].said["policy"]
    assert {one["id"]: one["name"] for one in said}.items() <= words.POLICIES.items()


def test_a_change_judges_open_turns_anew_and_appends_evidence(waiting: Desk) -> None:
    (before,) = waiting.rows(TurnRow)
    fixed = [getattr(before, name) for name in FIXED]
    waiting.clock.forward(minutes=5)
    made = change(waiting, promised(waiting, "4h"))
    assert (made.effect.open, made.effect.earlier, made.effect.later) == (1, 1, 0)
    old, new = waiting.rows(TurnRow)
    assert [getattr(old, name) for name in FIXED] == fixed
    assert old.superseded_at == waiting.clock()
    assert new.due_at - new.opened_at == 4 * HOUR
    assert waiting.conversation().due_at == new.due_at
    assert new.policy == {"id": "social", "version": 2, "name": "Social media", "target": "4h"}
    assert [p.applied_at for p in waiting.rows(PolicyVersion)][1] == waiting.clock()
    (noted,) = [row for row in waiting.rows(Audit) if row.action == "sla.change"]
    assert (noted.actor, noted.subject, noted.detail["version"]) == ("ada", "policies:2", 2)


def test_an_ended_turn_keeps_its_verdict_also_when_its_conversation_is_judged_again(
    desk: Desk,
) -> None:
    desk.take(says("1", minutes=-300), own("2", minutes=-10))
    desk.clock.forward(minutes=5)
    change(desk, promised(desk, "1h"))
    desk.take(says("3", minutes=1))
    ended, waits = current(desk)
    assert (ended.policy["version"], verdict(ended, desk.clock())) == (1, "kept")
    assert (waits.policy["version"], waits.due_at - waits.opened_at) == (2, HOUR)


def test_asked_for_ended_turns_since_an_instant_are_judged_anew(desk: Desk) -> None:
    desk.take(says("1", minutes=-300), own("2", minutes=-200))
    desk.take(says("3", minutes=-190), own("4", minutes=-10))
    change(desk, promised(desk, "1h"), since=at(-60))
    first, second = current(desk)
    assert (first.policy["version"], verdict(first, desk.clock())) == (1, "kept")
    assert (second.policy["version"], verdict(second, desk.clock())) == (2, "breached")


def test_it_makes_no_difference_whether_an_answer_came_before_or_after_the_change(
    desk: Desk,
) -> None:
    desk.take(says("1", minutes=-300), says("a", minutes=-300, author="bob", conversation="c2"))
    desk.take(own("2", minutes=-10))
    desk.clock.forward(minutes=5)
    change(desk, promised(desk, "1h"))
    desk.take(own("b", minutes=-10, conversation="c2"))  # it was sent before the change
    rows = {t.conversation_id: t for t in desk.rows(TurnRow) if t.superseded_at is None}
    assert {(t.policy["version"], t.due_at, t.ended_at) for t in rows.values()} == {
        (1, at(-300) + 24 * HOUR, at(-10))
    }


def test_a_dry_run_tells_what_would_change_and_changes_nothing(waiting: Desk) -> None:
    waiting.clock.forward(hours=2)
    made = change(waiting, promised(waiting, "1h"), dry_run=True)
    assert made.effect == type(made.effect)(open=1, earlier=1, later=0, overdue=1)
    assert change(waiting, promised(waiting, "48h"), dry_run=True).effect.later == 1
    assert change(waiting, promised(waiting, "24h", next="1h"), dry_run=True).effect.earlier == 0
    assert len(waiting.rows(PolicyVersion)) == len(waiting.rows(TurnRow)) == 1


def test_an_earlier_version_comes_back_as_a_new_one(waiting: Desk) -> None:
    original = document(waiting)
    change(waiting, promised(waiting, "4h"))
    change(waiting, original, restores=1)
    assert document(waiting) == original
    assert [(p.number, p.restores) for p in waiting.rows(PolicyVersion)] == [
        (1, None),
        (2, None),
        (3, 1),
    ]
    assert waiting.conversation().due_at == at(-10) + 24 * HOUR


def test_what_says_nothing_new_is_no_version(sqlite_desk: Desk) -> None:
    with pytest.raises(Unclear, match="what version 1 says already"):
        change(sqlite_desk, document(sqlite_desk))


@pytest.mark.parametrize(
    ("more", "says_"),
    [
        ({"channels": ["xx"]}, "“xx” is unknown"),
        ({"categories": ["refunds"]}, "“refunds” is unknown"),
        ({"calendar": "moon"}, "there is no calendar “moon”"),
    ],
)
def test_names_that_nothing_has_are_refused(
    sqlite_desk: Desk, more: dict[str, Any], says_: str
) -> None:
    wanted = document(sqlite_desk)
    wanted["policy"].insert(0, {"id": "new", "name": "New", "first": "1bd"} | more)
    with pytest.raises(Unclear, match=says_):
        change(sqlite_desk, wanted)
    assert len(sqlite_desk.rows(PolicyVersion)) == 1


def test_a_change_waits_for_turns_that_are_being_judged_and_then_judges_them_too(
    waiting: Desk,
) -> None:
    """Else a message that is stored at the same instant would keep the promise of before."""
    wanted = promised(waiting, "4h")
    with ThreadPoolExecutor(1) as pool:
        with waiting.store.write() as session:
            refold(session, [waiting.conversation().id], waiting.clock())
            changing = pool.submit(change, waiting, wanted)
            with pytest.raises(TimeoutError):
                changing.result(timeout=0.3)
            assert len(waiting.rows(PolicyVersion)) == 1
        changing.result(timeout=20)
    assert waiting.conversation().due_at == at(-10) + 4 * HOUR


def test_a_change_that_died_before_it_was_applied_is_applied_later(waiting: Desk) -> None:
    with waiting.store.write() as session:
        wanted = written.policies(promised(waiting, "4h"), 2)
        row = PolicyVersion(number=2, said=written.policies_document(wanted, versions=True))
        row.since, row.made_at, row.made_by = waiting.clock(), waiting.clock(), "ada"
        session.add(row)
    assert apply_due(waiting.store, waiting.clock.forward(minutes=1)) == 1
    assert waiting.conversation().due_at == at(-10) + 4 * HOUR
    assert apply_due(waiting.store, waiting.clock()) == 0


def test_more_open_turns_than_a_page_waits_for_are_left_to_the_scheduler(waits: Desk) -> None:
    change(waits, promised(waits, "4h"), at_once=0)
    assert waits.conversation().due_at == at(-10) + 24 * HOUR
    assert apply_due(waits.store, waits.clock()) == 1
    assert waits.conversation().due_at == at(-10) + 4 * HOUR


def test_a_calendar_moves_business_days_and_has_versions_of_its_own(waiting: Desk) -> None:
    change(waiting, promised(waiting, "1bd"))
    tuesday = {"days": {"2026-11-24": "closed Move of the office"}, "countries": ["PT"]}
    made = change_calendar(waiting.store, "working days", tuesday, actor="ada", now=waiting.clock())
    assert (made.effect.later, made.effect.earlier) == (1, 0)
    (turn,) = current(waiting)
    assert turn.calendar == {"name": "working days", "version": 2, "zone": "UTC"}
    assert turn.due_at == at(15 * 60 + 2 * 24 * 60)  # Wednesday, 24:00
    again = {"days": {}, "countries": ["PT"]}
    change_calendar(waiting.store, "working days", again, actor="ada", now=waiting.clock())
    with waiting.store.read() as session:
        second = stored.calendar_versions(session, "working days")[1]
    change_calendar(
        waiting.store,
        "working days",
        second.said,
        actor="ada",
        now=waiting.clock(),
        restores=second,
    )
    rows = waiting.rows(CalendarVersion)
    assert [(c.number, c.restores) for c in rows] == [(1, None), (2, None), (3, None), (4, 2)]
    assert rows[3].said == rows[1].said
    assert current(waiting)[0].calendar["version"] == 4


def test_a_policy_may_name_a_calendar_of_its_own(waiting: Desk) -> None:
    week = {"hours": {"monday": "09:00-10:00", "friday": "09:00-10:00"}}
    change_calendar(waiting.store, "late shift", week, actor="ada", now=waiting.clock())
    change(waiting, promised(waiting, "2bh", calendar="late shift"))
    (turn,) = current(waiting)
    assert turn.due_at == at(4 * 24 * 60 + 60)  # Monday's hour, and Friday's until 10:00
    assert turn.calendar["name"] == "late shift"


def test_two_targets_stand_side_by_side_in_the_evidence(waiting: Desk) -> None:
    wanted = document(waiting)
    wanted["policy"].insert(0, {"id": "team", "name": "Team", "first": "2h", "public": False})
    assert change(waiting, wanted).effect.earlier == 1
    (turn,) = current(waiting)
    assert turn.internal_due_at == at(-10) + 2 * HOUR
    assert [one["id"] for one in turn.policy["internal"]] == ["team"]
    assert turn.policy["id"] == "social"


def test_what_is_judged_twice_gets_no_second_evidence(waiting: Desk) -> None:
    change(waiting, promised(waiting, "4h"))
    with waiting.store.write() as session:
        refold(session, [waiting.conversation().id], waiting.clock())
    assert len(waiting.rows(TurnRow)) == 2


def move_brand(desk: Desk, zone: str) -> None:
    change_brand(desk.store, BrandChange(zone=zone), actor="ada", now=desk.clock())


def test_a_brand_that_moves_to_another_zone_changes_no_verdict_of_before(desk: Desk) -> None:
    """A calendar's version keeps the zone it was made with; one that follows the brand gets a next
    version, which judges what is still open."""
    make_brand(desk.store, zone="UTC")
    change(desk, promised(desk, "1bd"))
    own_zone = {"zone": "Asia/Tokyo"}
    change_calendar(desk.store, "tokyo", own_zone, actor="ada", now=desk.clock())
    desk.clock.forward(minutes=5)
    desk.take(says("1", minutes=1), own("2", minutes=2))
    desk.take(says("a", minutes=1, author="bob", conversation="c2"))
    move_brand(desk, "Asia/Shanghai")
    with desk.store.write() as session:
        refold(session, [c.id for c in desk.rows(Conversation)], desk.clock.forward(minutes=5))
    ended, still_open = current(desk)
    assert (ended.calendar["zone"], ended.due_at) == ("UTC", at(15 * 60 + 24 * 60))
    assert (still_open.calendar["zone"], still_open.due_at) == ("Asia/Shanghai", at(31 * 60))
    versions = [(c.name, c.number, c.zone) for c in desk.rows(CalendarVersion)]
    assert versions == [
        ("working days", 1, "UTC"),
        ("tokyo", 1, "Asia/Tokyo"),
        ("working days", 2, "Asia/Shanghai"),
    ]
    move_brand(desk, "Asia/Shanghai")
    assert len(desk.rows(CalendarVersion)) == 3


def test_the_first_zone_of_the_brand_judges_what_was_imported_before_too(desk: Desk) -> None:
    change(desk, promised(desk, "1bd"))
    desk.clock.forward(minutes=5)
    desk.take(says("1", minutes=1), own("2", minutes=2))
    with desk.store.write() as session:
        first_zone(session, "Asia/Shanghai", actor="ada", now=desk.clock())
    apply_due(desk.store, desk.clock())
    (turn,) = current(desk)
    assert (turn.calendar, turn.due_at) == (
        {"name": "working days", "version": 2, "zone": "Asia/Shanghai"},
        at(31 * 60),
    )
    assert [c.zone for c in desk.rows(CalendarVersion)] == ["UTC", "Asia/Shanghai"]


def test_judging_reads_no_calendar_twice_and_none_that_nothing_is_counted_in(
    waits: Desk,
) -> None:
    for year in ("2026", "2027"):
        document = {"days": {f"{year}-12-24": "closed Christmas Eve"}}
        change_calendar(waits.store, "office", document, actor="ada", now=waits.clock())
    asked: list[str] = []

    def noted(*args: Any) -> None:
        asked.append(args[2])

    event.listen(waits.store.writer, "before_cursor_execute", noted)
    for _ in range(2):
        with waits.store.write() as session:
            refold(session, [waits.conversation().id], waits.clock())
    event.remove(waits.store.writer, "before_cursor_execute", noted)
    assert [words for words in asked if "calendar_versions.published" in words] == []


def test_a_version_that_was_rolled_back_is_not_taken_for_the_next_of_its_number(
    waits: Desk,
) -> None:
    """What versions say is kept by the process, and a number (on SQLite an id, too) comes again."""
    here: dict[str, Any] = {"actor": "ada", "now": waits.clock()}
    with waits.store.write() as session:
        store = Within(session)
        change_calendar(store, "office", {"hours": {"monday": "08:00-12:00"}}, **here)
        change_policies(store, promised(waits, "8bh", calendar="office"), **here)
        assert stored.promises(session).policies[-1].read()[-1].calendar == "office"
        session.rollback()
    waits.clock.forward(seconds=1)
    monday = {"hours": {"monday": "09:00-18:00"}}
    change_calendar(waits.store, "office", monday, actor="ada", now=waits.clock())
    change(waits, promised(waits, "9h"))
    (turn,) = current(waits)
    assert turn.policy["target"] == "9h"
    change(waits, promised(waits, "8bh", calendar="office"))
    assert current(waits)[0].due_at == at(8 * 60)


def test_the_clocks_of_a_response_stand_side_by_side(desk: Desk) -> None:
    """The promise, the team's own target, and for the next response of the episode its own."""
    wanted = promised(desk, "24h", next="2h")
    change(desk, wanted)
    desk.clock.forward(hours=1)
    desk.take(says("1", "security now", 0), own("2", minutes=5), classifier=Says())
    desk.take(says("3", "security now", 10), classifier=Says())
    first, following = current(desk)
    assert (first.due_at, first.internal_due_at) == (at(0) + 24 * HOUR, at(0) + HOUR)
    assert (following.due_at, following.internal_due_at) == (at(10) + 2 * HOUR, at(10) + HOUR)
    row = desk.conversation()
    told = (row.due_at, row.internal_due_at)
    assert told == (following.due_at, following.internal_due_at)


def test_no_two_of_the_shipped_policies_have_the_same_name(desk: Desk) -> None:
    with desk.store.read() as session:
        names = [one.name for one in in_force(stored.promises(session).policies, None)]
    assert len(set(names)) == len(names)
