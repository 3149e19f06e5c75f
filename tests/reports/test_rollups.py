"""Stored days against the rows that they were counted from, after every kind of change."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from connectors.core.contract import Message
from inbox.flows import states
from inbox.flows.states import CannotMove
from inbox.store import report_days
from inbox.store.session import Store
from reports import rollups
from reports.counting import counted
from reports.document import document
from reports.rollups import tallies_of
from reports.sums import Sums
from reports.tallies import Tally, added
from templates.histogram import Waits
from templates.periods import DAY, Days
from tests.kill.victims import Step, run
from tests.reports.office import ADA, BO, Office, answers, asks, at, deleted
from tests.reports.test_document import TODAY

ZONE: Final = "Asia/Kathmandu"  # its hours begin at a quarter past ours
DAYS: Final = Days(TODAY - 4 * DAY, TODAY + 5 * DAY)
DEATHS: Final = (
    *(Step("before", "report_days", 2), Step("after", "report_days", 2)),
    *(Step("before", "report_marks"), Step("before", "commit"), Step("after", "commit")),
)
SERVED: Final = {"x @lumen": ("Cards", "Night"), "whatsapp @lumen": ("Cards",)}


def told(tally: Tally, as_of: datetime) -> dict[str, Any]:
    """Everything that a report says of a tally, and of two parts of it."""
    refunds = tally.only(lambda cell: cell[3] == "refund")
    whatsapp = tally.only(lambda cell: cell[0] == "whatsapp")
    parts = [said(part, as_of) for part in (refunds, whatsapp)]
    return said(tally, as_of) | {"parts": parts}


def said(tally: Tally, as_of: datetime) -> dict[str, Any]:
    """Everything that a report says of a tally."""
    sums = Sums(tally, as_of)
    return {
        "figures": sums.figures().to_json(),
        "waits": sums.waits(),
        "by_team": sums.by_team(SERVED),
        "by_hour": sums.by_hour(),
        "open": sums.open_waits(),
        "resolution": sums.resolution_s(),
        "reasons": sums.excused_by_reason(),
        "tagged": sums.tagged(),
        "broken": sums.broken(),
        "targets": sums.targets(),
        "missed": len(tally.missed),
    }


def same(store: Store, *instants: datetime) -> dict[str, Any]:
    """Stored days and rows say the same, as of each instant; returns what, as of the last."""
    for as_of in instants:
        with store.read() as session:
            stored = tallies_of(session, DAYS, ZONE, as_of)
            rows = counted(session, DAYS, ZONE, as_of)
        for day in DAYS:
            assert told(stored[day], as_of) == told(rows[day], as_of)
        found = told(added([*stored.values()]), as_of)
        assert found == told(added([*rows.values()]), as_of)
    return found


def keep(store: Store, now: datetime) -> int:
    return rollups.keep(store, now, 99, ending=lambda: False)


def marked(store: Store) -> frozenset[int]:
    with store.read() as session:
        return report_days.marks(session, 99).conversations


@dataclass
class Busy:
    """Customers, a team and an operator who do something every few hours."""

    office: Office
    rng: random.Random
    hour: float = -80.0
    said: dict[str, list[Message]] = field(default_factory=dict)

    def act(self) -> None:
        """One of them, some of it late: dated up to 30 hours before it is stored."""
        self.hour += self.rng.uniform(0, 5)
        doings: tuple[Callable[[], None], ...] = (
            *(self.says,) * 5,
            *(self.answers,) * 4,
            *(self.moves,) * 4,
            *(self.deletes, self.corrects, self.corrects, self.excuses, self.renames),
        )
        (self.rng.choice(doings) if len(self.said) > 2 else self.says)()

    def says(self) -> None:
        who = f"c{self.rng.randrange(9)}"
        words = self.rng.choice(("payment normal a", "refund high b", "spam low 4111111111111111"))
        message = asks(who, self.earlier(), words, number=self.rng.randrange(10**6))
        self.said.setdefault(who, []).append(message)
        self.take(who, message)

    def answers(self) -> None:
        who, by = self.who(), self.rng.choice((ADA, BO, None))
        self.take(who, answers(who, self.earlier(), by, number=self.rng.randrange(10**6)))

    def deletes(self) -> None:
        who = self.who()
        self.take(who, deleted(self.rng.choice(self.said[who]), at(self.hour)))

    def corrects(self) -> None:
        tag = {"category": self.rng.choice(("account", "refund")), "urgency": "low"}
        self.office.correct(self.who(), at(self.hour), **tag)

    def excuses(self) -> None:
        self.office.excuse(self.who(), at(self.hour))

    def moves(self) -> None:
        found = self.office.conversation(self.who())
        kind = self.rng.choice(("resolve", "resolve", "reopen", "third", "spam"))
        try:
            states.move(
                self.office.store,
                kind=kind,
                seen=found.last_message_id or 0,
                now=at(self.hour),
                conversation_id=found.id,
                agent_id=1,
                actor=ADA,
                reason="duplicate",
            )
        except CannotMove:
            self.says()

    def renames(self) -> None:
        """What hardly ever happens, and concerns every day."""
        name = f"bo{self.rng.randrange(9)}@lumen.example"
        self.office.change("UPDATE users SET name = 'Bo', email = :name WHERE id = 2", name=name)
        self.office.change(f"UPDATE users SET email = '{BO}' WHERE id = 2")

    def take(self, who: str, message: Message) -> None:
        channel = "whatsapp" if int(who[1:]) % 3 == 0 else "x"
        self.office.take(message, channel=channel, stored_at=at(self.hour))

    def who(self) -> str:
        return self.rng.choice(sorted(self.said))

    def earlier(self) -> datetime:
        return at(self.hour - self.rng.choice((0, 0, 1, 30 * self.rng.random())))


def test_stored_days_are_their_rows_to_the_digit_after_every_change(office: Office) -> None:
    office.open(zone=ZONE)
    rng = random.Random(1)
    busy = Busy(office, rng)
    stored = 0
    for n in range(36):
        busy.act()
        now = at(busy.hour)
        if n % 4 == 3:
            stored += keep(office.store, now)
            assert not marked(office.store)
        same(office.store, now - timedelta(hours=rng.choice((0, 60 * rng.random()))))
    found = same(office.store, at(busy.hour + 30), at(busy.hour + 200))
    assert stored > 4
    assert found["missed"]
    assert found["broken"]


def test_a_stored_day_is_read_instead_of_its_rows(office: Office) -> None:
    """What a statement that no trigger sees does to a row is not seen."""
    office.open(zone=ZONE)
    office.take(asks("ann", at(1)), answers("ann", at(2)), stored_at=at(2))
    keep(office.store, at(60))
    before = same(office.store, at(60))
    with office.store.write() as session:
        session.execute(text("UPDATE messages SET lang = 'fr' WHERE role = 'customer'"))
        session.execute(text("DELETE FROM report_marks"))
    with office.store.read() as session:
        stored, rows = (
            added([*tallies(session, DAYS, ZONE, at(60)).values()])
            for tallies in (tallies_of, counted)
        )
    assert told(stored, at(60)) == before
    assert told(rows, at(60)) != before


def test_a_mark_is_kept_or_lost_with_what_it_marks(office: Office) -> None:
    office.open(zone=ZONE)
    office.take(asks("ann", at(1)))
    conversation = office.conversation("ann").id
    keep(office.store, at(60))
    assert marked(office.store) == frozenset()
    with pytest.raises(DatabaseError):
        office.change("UPDATE turns SET superseded_at = opened_at, is_first = NULL")
    with office.store.writer.connect() as connection:
        connection.execute(text("UPDATE turns SET superseded_at = opened_at"))
        found = connection.execute(text("SELECT conversation_id FROM report_marks")).scalars()
        assert list(found) == [conversation]
        connection.rollback()
    assert marked(office.store) == frozenset()
    office.take(answers("ann", at(3)), stored_at=at(70))
    assert marked(office.store) == {conversation}
    assert document(office.store, DAYS.first, DAYS.last, None, at(70)).waits == Waits.of([7200.0])


@pytest.mark.timeout(300)
def test_killed_while_it_stores_the_job_leaves_marks_or_what_they_marked(office: Office) -> None:
    office.open(zone=ZONE)
    office.take(asks("ann", at(1)), asks("ben", at(-30)), stored_at=at(1))
    keep(office.store, at(60))
    for n, step in enumerate(DEATHS):
        for who in ("ann", "ben"):
            office.take(asks(who, at(2 + n), number=n), stored_at=at(70))
        waiting = marked(office.store)
        office.store.close()
        assert run(office.store, lambda: keep(office.store, at(70)), step)
        assert len(waiting) == 2
        assert marked(office.store) == (set() if step == DEATHS[-1] else waiting), str(step)
        same(office.store, at(70))
    assert keep(office.store, at(70)) == 1, "the day that ended since"
    assert same(office.store, at(70))["figures"]["received"] == 2 + 2 * len(DEATHS)


def test_another_calendar_or_window_than_a_day_was_counted_by_makes_it_count_anew(
    sqlite_office: Office,
) -> None:
    office = sqlite_office.open(zone=ZONE)
    office.take(asks("c0", at(1)), answers("c0", at(20)), channel="wechat", stored_at=at(20))
    keep(office.store, at(80))
    assert same(office.store, at(80))["missed"] == 0
    office.change('UPDATE accounts SET settings = \'{"window_hours": "5"}\'')
    missed = same(office.store, at(80))["missed"]
    office.change("UPDATE calendar_versions SET zone = 'Asia/Tokyo' WHERE name = 'working days'")
    assert missed == 1
    same(office.store, at(80))
    assert keep(office.store, at(80)) > 0
    assert keep(office.store, at(80)) == 0
    assert same(office.store, at(80))["missed"] == missed


def test_after_very_many_changes_all_days_are_begun_anew(sqlite_office: Office) -> None:
    office = sqlite_office.open(zone=ZONE)
    office.take(asks("ann", at(1)))
    keep(office.store, at(60))
    office.change(
        "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < :most)"
        " INSERT INTO report_marks (conversation_id) SELECT i FROM n",
        most=100 + rollups.AT_ONCE,
    )
    same(office.store, at(60))
    while marked(office.store):
        keep(office.store, at(60))
        same(office.store, at(60))


def test_days_of_a_zone_that_the_brand_has_left_are_forgotten(sqlite_office: Office) -> None:
    office = sqlite_office.open(zone=ZONE)
    office.take(asks("ann", at(1)))
    keep(office.store, at(60))
    office.change("UPDATE brand SET zone = 'UTC'")
    keep(office.store, at(60))
    with office.store.read() as session:
        assert not report_days.known(session, ZONE)
        assert len(report_days.known(session, "UTC")) == 2
