"""Every figure of a report's page leads to a list that counts exactly to it.

The pages are walked as a reader has them: each number in a cell, under a heading or in a chart.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import httpx2
import pytest
import tinyhtml5
from sqlalchemy import select

from inbox.config import Settings
from inbox.flows import complaints, states
from inbox.store import outages
from inbox.store.session import Store
from inbox.store.tables import Message, Step
from inbox.web.app import create_app
from reports.document import document
from reports.editions import make_due
from tests.clock import Clock
from tests.factories import make_team, make_user
from tests.reports.office import ADA, BO, Office, answers, asks, deleted
from tests.reports.test_filters import PLACES
from tests.reports.test_histories import START, ZONE, at, drawn, happen
from tests.web.serving import Site, Untagged, opened

FIRST = START.date()
MONDAY = FIRST + timedelta(days=2)
KINDS = ("channel", "account", "language", "category", "urgency", "team")
CARD = "payment normal 4111 1111 1111 1111"
TIMES, OPEN = "By the clock and in opening hours", "Waits by the clock and in opening hours"
BARE = {
    *((TIMES, name) for name in ("Median", "9 of 10", "95 of 100", "Longest")),
    *((OPEN, name) for name in ("by the clock", "opening hours")),
    *((f"By {kind}", name) for kind in KINDS for name in ("In time", "9 of 10")),
    *((days, "In time") for days in ("Day by day", "The week that led here")),
    ("How long people waited", "Share"),
    *(("The desk itself", name) for name in ("How many", "Before")),
    *((row, "Over by") for row in ("Late now", "Each broken promise")),
}
"""Shares, percentiles and opening hours of waits that are counted beside; the health of accounts;
and rows that are a conversation themselves."""


@dataclass(frozen=True)
class Number:
    """Where a number stands: under which heading, in which column; how many it is of."""

    heading: str
    column: str
    said: str
    link: str

    @property
    def many(self) -> int:
        return int(re.findall(r"\d+", self.said)[-1])


def words(some: Element) -> str:
    return " ".join("".join(some.itertext()).split())


def kinds(some: Element) -> list[str]:
    return some.get("class", "").split()


def walked(page: str) -> Iterator[Number]:
    """The numbers of a page in order, each with the list that it leads to (or "")."""
    root = tinyhtml5.parse(page, namespace_html_elements=False)
    above = {inner: outer for outer in root.iter() for inner in outer}
    heading, columns = "", list[str]()
    for one in root.iter():
        if one.tag == "h2":
            heading = words(one)
        elif "open-table" in kinds(one):
            heading = OPEN
        elif one.tag == "thead":
            columns = [words(cell) for cell in list(one)[-1].iter("th")]
        leads = one.get("href", "").startswith("/reports/behind")
        if not leads and not is_number(one):
            continue
        cell = one
        while cell.tag not in ("td", "body"):
            cell = above[cell]
        line = list(above[cell])
        column = columns[line.index(cell) - len(line)] if cell.tag == "td" else ""
        if leads:
            said = one.get("aria-label") or one.get("title") or words(one)
            said = above[one].get("title", said) if not words(one).isdigit() else said
            yield Number(heading, column, said.rpartition(": ")[2], one.get("href", ""))
        elif re.search(r"[1-9]", words(one)) and not list(one.iter("a")):
            yield Number(heading, column, words(one), "")


def is_number(one: Element) -> bool:
    """Whether it is a place for one."""
    named = {"num", "in-cell", "fig-num"}.intersection(kinds(one))
    shaded = one.tag == "td" and any(kind.startswith("h-") for kind in kinds(one))
    return shaded or (one.tag != "th" and bool(named))


def lived(office: Office) -> Office:
    """Three days in which everything happened that a report tells."""
    office.open(zone=str(ZONE), kinds=("day", "week"))
    accounts = {place.channel: office.account(place.channel) for place in PLACES}
    make_team(office.store, "Cards", accounts=[accounts["x"], accounts["whatsapp"]])
    make_team(office.store, "Night", accounts=[accounts["x"]])
    for n in range(14):
        rng = random.Random(n)
        happen(office, f"c{n}", drawn(rng), rng, PLACES[n % len(PLACES)])
    office.take(asks("card", at(50), CARD), asks("card", at(-20), CARD), stored_at=at(51))
    office.correct("c2", at(60), category="security", urgency="high")
    office.correct("card", at(61), category="security")
    marked(office, "c1", at(70))
    with office.store.write() as session:
        outages.begin(session, 1, at(30), "stale", None, at(31))
    return office


def marked(office: Office, who: str, now: datetime) -> None:
    """A customer's first message is a complaint."""
    about: dict[str, Any] = {"conversation_id": office.conversation(who).id, "actor": ADA}
    with office.store.read() as session:
        said = select(Message.id).where(Message.conversation_id == about["conversation_id"])
        first = session.scalars(said.where(Message.role == "customer")).first()
    mark: dict[str, Any] = {"template_id": "fca", "message_id": first, "reason": "says so"}
    complaints.mark(office.store, **about, **mark, now=now)


def later(office: Office) -> None:
    """What is known only since: late messages, answers and acts, and some that were undone."""
    office.take(asks("eva", at(52)), answers("eva", at(55)), stored_at=at(110))
    office.take(answers("c3", at(60)), stored_at=at(111))
    office.take(asks("card", at(47), "account low help", number=9), stored_at=at(112))
    office.take(deleted(asks("card", at(50), CARD), at(113)), stored_at=at(113))
    office.take(asks("wa", at(48), "refund low aide"), channel="whatsapp", stored_at=at(113))
    office.correct("c4", at(114), category="general")
    office.excuse("c5", at(115))
    marked(office, "c6", at(116))
    complaint = office.conversation("c1").id
    complaints.undo(office.store, conversation_id=complaint, reason="none", actor=ADA, now=at(117))
    for step in resolved(office):
        undo = {"conversation_id": step.conversation_id, "step_id": step.id}
        states.undo(office.store, **undo, actor=ADA, now=at(118))


def resolved(office: Office) -> list[Step]:
    """A step that ended a matter and is the last of its conversation."""
    with office.store.read() as session:
        steps = session.scalars(select(Step).where(Step.undone_at.is_(None)).order_by(Step.id))
        newest = {step.conversation_id: step for step in steps}
    return [one for one in newest.values() if one.kind == "resolve"][:2]


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[tuple[Office, Site]]:
    office, clock = lived(Office(store, tmp_path / "data")), Clock(at(100))
    settings = Settings(data=tmp_path / "data", listen="127.0.0.1:8080")
    app = create_app(store, settings, now=clock, classifier=Untagged(), development=True)
    with opened(app, store, clock) as site:
        yield office, site


def lists(browser: httpx2.Client, path: str) -> dict[tuple[str, str], list[Number]]:
    """The numbers of a page that lead to lists, which all count to them, by their places; no other
    place has a number that leads nowhere."""
    page = browser.get(path)
    assert page.status_code == 200, path
    found: dict[tuple[str, str], list[Number]] = {}
    counts: dict[str, list[str]] = {}
    for one in walked(page.text.partition("<main")[2]):
        place = one.heading, one.column
        if one.link:
            found.setdefault(place, []).append(one)
            if one.link not in counts:
                listed = browser.get(one.link).text
                counts[one.link] = re.findall(r'behind-count">(\d+)<', listed)
            assert counts[one.link] == [str(one.many)], one
        else:
            assert place in BARE, one
    return found


def test_every_number_of_a_page_leads_to_what_it_counts(desk: tuple[Office, Site]) -> None:
    _, site = desk
    browser = site.signed_in(make_user(site.store, "Lea Moss", "lead"))
    some = f"/reports?from={FIRST}&to={MONDAY}"
    day = lists(browser, f"/reports?from={MONDAY}&to={MONDAY}&as_of=now")
    part = lists(browser, f"{some}&channel=x&channel=whatsapp&category=payment")
    theirs = lists(browser, f"{some}&agent={BO}&agent={ADA}")
    tables = {("By channel", "Due"), ("By agent", "In time"), ("By team", "Median")}
    tables |= {("Who waits", "Open"), ("Beside our promise", "Running"), (TIMES, "How many")}
    tables |= {("The desk itself", "How many"), ("How long people waited", "Answers")}
    assert not tables - day.keys()
    assert (
        not {
            ("Day by day", "Late"),
            ("When answers take long", "12"),
            ("When answers take long", "Answers"),
        }
        - part.keys()
    )
    assert not {("By agent", "In time"), ("By channel", "Answered")} - theirs.keys()


def test_behind_an_edition_are_the_rows_that_it_knew(desk: tuple[Office, Site]) -> None:
    office, site = desk
    browser = site.signed_in(make_user(site.store, "Lea Moss", "lead"))
    make_due(office.store, site.clock())
    page = f"/reports/{MONDAY}?edition=1"
    before = lists(browser, page)
    made = document(office.store, MONDAY, MONDAY, None, site.clock()).figures
    later(office)
    now = document(office.store, MONDAY, MONDAY, None, site.clock()).figures
    changed = {name for name in made if made[name] != now[name]}
    assert changed > {"received", "turns_due", "resolution_s", "by_complaint", "by_category"}
    assert lists(browser, page) == before
