"""A report of a part is the report of a desk that has nothing else; of agents it has answers."""

import random
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.store.session import Store
from reports import rollups
from reports.behind import Figure, behind
from reports.document import document, report_json
from reports.figures import MessageRow, Period, TurnRow, figures
from reports.filters import OF_NOBODY, FilterWrong, Selection, checked
from reports.sums import Sums
from reports.tallies import tally
from templates.filters import EVERYTHING, KINDS, Filter
from templates.periods import Days
from tests.conftest import sharing_statements
from tests.factories import make_team
from tests.reports.office import ADA, BO, Office, asks
from tests.reports.test_figures import rows_and_period
from tests.reports.test_histories import (
    HOURS,
    START,
    ZONE,
    Event,
    Place,
    at,
    counted,
    drawn,
    happen,
)

PLACES = (
    Place("x", "payment normal help"),
    Place("x", "refund high help"),
    Place("whatsapp", "payment high aide"),
    Place("email", "refund low aide"),
)
DAYS = Days(START.date(), START.date() + timedelta(days=2))
AS_OF = (40, 100)
PARTS = (
    Filter(channel=("x", "email"), category=("refund",)),
    Filter(account=("whatsapp @lumen", "x @lumen"), urgency=("high",)),
    Filter(language=("fr",), team=("everyone",)),
)
SERVED = {"whatsapp @lumen": ("Cards",), "x @lumen": ("Cards", "Night")}


@dataclass
class Desk:
    """An office, and what happened there: each conversation's story and place."""

    office: Office
    stories: list[tuple[list[Event], Place]] = field(default_factory=list)

    def open(self) -> "Desk":
        self.office.open(zone=str(ZONE))
        accounts = {place.channel: self.office.account(place.channel) for place in PLACES}
        make_team(self.office.store, "Cards", accounts=[accounts["x"], accounts["whatsapp"]])
        make_team(self.office.store, "Night", accounts=[accounts["x"]])
        return self

    def live(self, n: int) -> None:
        """One conversation, the same on every desk."""
        rng, place = random.Random(n), PLACES[n % len(PLACES)]
        story = happen(self.office, f"c{n}", drawn(rng), rng, place)
        self.stories.append((story, place))

    def says(self, as_of: float, only: Filter = EVERYTHING) -> dict[str, Any]:
        return report_json(self.office.store, DAYS.first, DAYS.last, None, at(as_of), only)

    def keep(self) -> None:
        rollups.keep(self.office.store, at(90), 99, ending=lambda: False)


def has(only: Filter, place: Place) -> bool:
    """Said another way than the product says it."""
    category, urgency, help_ = place.words.split()
    teams = SERVED.get(f"{place.channel} @lumen", ("everyone",))
    return all(
        not asked or wanted
        for asked, wanted in (
            (only.channel, place.channel in only.channel),
            (only.account, f"{place.channel} @lumen" in only.account),
            (only.category, category in only.category),
            (only.urgency, urgency in only.urgency),
            (only.language, {"aide": "fr", "help": "en"}[help_] in only.language),
            (only.team, any(name in only.team for name in teams)),
        )
    )


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stores(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Desk]]:
    """A desk with everything, and one for each part that has only that."""
    desks = {}
    with ExitStack() as closing:
        for name, only in (("all", None), *((str(part), part) for part in PARTS)):
            folder = tmp_path_factory.mktemp("desk")
            if request.param == "sqlite":
                url = f"sqlite:///{shutil.copy(request.getfixturevalue('migrated_file'), folder)}"
            else:
                url = closing.enter_context(request.getfixturevalue("postgres").database())
            store = sharing_statements(Store(url))
            closing.callback(store.close)
            desks[name] = Desk(Office(store, folder / "data")).open()
            for n in range(16):
                if only is None or has(only, PLACES[n % len(PLACES)]):
                    desks[name].live(n)
        yield desks


def test_a_part_is_the_report_of_a_desk_with_nothing_else(stores: dict[str, Desk]) -> None:
    """From rows, and then from stored days."""
    whole = stores["all"]
    known = {
        (part, as_of): stores[str(part)].says(as_of) | {"filter": part.to_json()}
        for part in PARTS
        for as_of in AS_OF
    }
    for _ in range(2):
        for (part, as_of), alone in known.items():
            assert whole.says(as_of, part) == alone
        whole.keep()
    assert all(0 < one["received"] < whole.says(100)["received"] for one in known.values())
    assert all(known[part, 100]["resolution_s"]["count"] for part in PARTS)


def test_a_part_is_what_a_walk_through_its_hours_counts(stores: dict[str, Desk]) -> None:
    whole = stores["all"]
    for part in PARTS:
        own = [story for story, place in whole.stories if has(part, place)]
        for as_of in AS_OF:
            told, known = whole.says(as_of, part), counted(own, 0, HOURS, as_of)
            for name in known.keys() & told.keys() - {"backlog"}:
                assert told[name] == known[name], name
            assert told["backlog"]["all"] == known["backlog"]


def test_of_people_answers_are_told_and_nothing_else(stores: dict[str, Desk]) -> None:
    whole = stores["all"]
    for who in ((ADA,), (BO, "outside")):
        for as_of in AS_OF:
            told = whole.says(as_of, Filter(agent=who, channel=("x",)))
            own = [story for story, place in whole.stories if place.channel == "x"]
            known = counted(own, 0, HOURS, as_of)["agents"]
            assert {by: one["answered"] for by, one in told["by_agent"].items()} == {
                by: n for by, n in known.items() if by in who
            }
            many = told["first_response_s"]["count"] + told["next_response_s"]["count"]
            assert told["answers"]["answered"] == sum(known.get(by, 0) for by in who) == many
            assert all(told[name] is None for name in OF_NOBODY & told.keys())
            assert told["previous"]["received"] is None
            assert all(group["turns_due"] is None for group in told["by_channel"].values())
            assert told["open_hours"]["resolution_s"] is None


def test_each_figure_of_a_part_lists_what_it_counts(stores: dict[str, Desk]) -> None:
    store = stores["all"].office.store

    def count(only: Filter, name: str, group: str = "", key: str = "") -> int:
        found = behind(store, DAYS, at(80), Figure(name, group, key), 500, None, only)
        assert found.pages < 2
        return found.count

    for only in PARTS:
        made = document(store, DAYS.first, DAYS.last, None, at(80), only=only)
        told = made.figures
        for name in ("received", "turns_due", "turns_opened", "excused", "overdue_open"):
            assert count(only, name) == told[name], (only, name)
        assert count(only, "waiting") == told["backlog"]["all"]
        assert count(only, "late_now") == made.late_count
        assert count(only, "due_today") == made.due_today
        assert count(only, "resolved") == told["resolution_s"]["count"]
        assert count(only, "windows_missed") == told["windows_missed"]
        assert len(made.broken) == told["turns_due"] - told["answered_in_time"]
        for key, inner in told["by_category"].items():
            assert count(only, "turns_due", "category", key) == inner["turns_due"]
        for why, inner in told["by_reason"].items():
            assert count(only, "excused", "reason", why) == inner["excused"]
    mine = Filter(agent=(ADA,), category=("payment",))
    assert count(mine, "answered") == stores["all"].says(80, mine)["answers"]["answered"] > 0


def test_a_correction_moves_a_wait_from_one_part_to_another(office: Office) -> None:
    office.open()
    office.take(asks("ann", at(1)), asks("ann", at(2)), stored_at=at(2))
    office.correct("ann", at(20), category="refund")
    said = [
        report_json(office.store, DAYS.first, DAYS.last, None, at(as_of), Filter(category=(name,)))
        for name, as_of in (("payment", 10), ("payment", 30), ("refund", 30))
    ]
    assert [one["received"] for one in said] == [2, 0, 2]
    assert [one["backlog"]["all"] for one in said] == [1, 0, 1]


@settings(max_examples=200, deadline=None)
@given(rows_and_period(), st.data())
def test_a_part_of_a_tally_is_the_tally_of_its_rows(
    case: tuple[list[TurnRow], list[MessageRow], Period], data: st.DataObject
) -> None:
    turns, messages, period = case
    some: list[TurnRow | MessageRow] = [*turns, *messages]
    values = {
        "channel": sorted({row.channel for row in some}),
        "category": sorted({row.category or "untagged" for row in some}),
        "urgency": sorted({row.urgency or "untagged" for row in some}),
        "language": sorted({row.language or "unknown" for row in some}),
        "team": ["Cards", "everyone"],
    }
    only = Filter(
        **{
            kind: tuple(data.draw(st.lists(st.sampled_from(known), unique=True, max_size=2)))
            for kind, known in values.items()
            if known
        }
    )
    part = Selection(only, {"x @brand": ("Cards",)})
    own = [row for row in turns if part.has(row)], [row for row in messages if part.has(row)]
    told = Sums(part.tally(tally(turns, messages, period)), period.as_of).figures()
    assert told == figures(*own, period)
    theirs = Selection(Filter(agent=(turns[0].answered_by,) if turns else ("a",)), {})
    found = Sums(theirs.tally(tally(turns, messages, period)), period.as_of).figures()
    answered = [row for row in turns if theirs.has(row) and row.ended_in(period, "answered")]
    known = figures(answered, [], period)
    assert (found.by_agent, found.answered_within) == (known.by_agent, known.answered_within)
    assert found.totals.first_response_s == known.totals.first_response_s
    assert found.totals.turns_due == found.totals.received == 0


def test_a_value_that_there_is_not_is_refused_with_those_that_there_are(office: Office) -> None:
    office.open()
    with office.store.read() as session, pytest.raises(FilterWrong, match="There is none yet"):
        checked(session, {"channel": ["x"]})
    office.take(asks("ann", at(1)))
    with office.store.read() as session:
        for kind in KINDS:
            with pytest.raises(FilterWrong, match="lies") as wrong:
                checked(session, {kind: ["lies\0"]})
            told = "There is none yet." if kind == "team" else "There are: "
            assert told in str(wrong.value)
        assert checked(session, {"channel": ["x", "x"], "agent": []}) == Filter(channel=("x",))
        assert checked(session, {"language": ["fr", "unknown"]}).language == ("fr", "unknown")
