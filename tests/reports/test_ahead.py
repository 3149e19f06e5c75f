"""What falls due while nobody is on duty, in the report: the forecast of the roster's page."""

from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import update

from inbox.flows import rostering
from inbox.store.session import Store
from inbox.store.tables import Brand
from inbox.web.forecast_view import forecast
from reports import editions
from reports.document import Document, document
from reports.render import mail, page_of
from templates.periods import Days
from templates.report import ReportPage
from tests.clock import MONDAY
from tests.factories import make_brand, make_conversation, make_user

HOUR = timedelta(hours=1)
NIGHT, DAY = MONDAY + 15 * HOUR, MONDAY + 3 * HOUR
YESTERDAY = Days.day((MONDAY - 24 * HOUR).date())


@pytest.fixture
def night(sqlite_store: Store) -> Store:
    """Ada has the days from 08:00 to 20:00; sixteen fall due at night, one by day."""
    make_brand(sqlite_store)
    with sqlite_store.write() as session:
        session.execute(update(Brand).values(zone="UTC", created_at=MONDAY - 90 * HOUR))
    make_user(sqlite_store, "Ada Voss", "agent")
    for n in range(16):
        make_conversation(sqlite_store, due_at=NIGHT + n * timedelta(minutes=1))
    make_conversation(sqlite_store, due_at=DAY)
    return sqlite_store


def on_duty(store: Store) -> None:
    day = {"id": "day", "name": "Day", "hours": "08:00-20:00", "people": ["ada@lumenpay.example"]}
    rostering.change_shifts(store, {"shift": [day]}, actor="ada", now=MONDAY)


def text_of(shown: ReportPage, locale: str = "en") -> tuple[str, str]:
    """The mail in plain words, and as HTML."""
    letter = mail(shown, locale, "desk@lumen.example", "ada@lumen.example", "1@lumen.example")
    parts = [letter.get_body((kind,)) for kind in ("plain", "html")]
    return tuple(part.get_content() for part in parts if part is not None)


def test_the_report_tells_the_forecast_of_the_rosters_page(night: Store) -> None:
    on_duty(night)
    editions.make_due(night, MONDAY)
    edition = editions.edition_for(night, YESTERDAY)
    assert edition is not None
    assert edition.document.ahead is not None
    with night.read() as session:
        page = forecast(session, MONDAY, {})
    told = edition.document.ahead
    assert (told.late, told.more) == (page.late, page.more) == (0, 4)
    names = ("due_at", "answer_by", "cover_at", "clock", "who")
    ours = [(one.conversation, *(asdict(one)[name] for name in names)) for one in told.alone]
    theirs = [(one.id, *(getattr(one, name) for name in names)) for one in page.alone]
    assert ours == theirs
    assert len(ours) == 12


def test_page_and_mail_say_the_same_and_what_was_stored_stays(night: Store) -> None:
    on_duty(night)
    editions.make_due(night, MONDAY)
    make_conversation(night, due_at=NIGHT - HOUR)  # it came later, and is not told
    edition = editions.edition_for(night, YESTERDAY)
    assert edition is not None
    for part in text_of(page_of(edition.document)):
        assert "Due while nobody is on duty" in part
        assert part.count("answer by Mon 23 Nov 20:00") == 12
        assert "4 more" in part
    assert "无人值班" in text_of(page_of(edition.document), "zh")[0]
    editions.refresh(night, YESTERDAY, MONDAY, actor="cli")
    fresh = editions.edition_for(night, YESTERDAY, 2)
    assert fresh is not None
    assert fresh.document.ahead is not None
    assert fresh.document.ahead.more == 5


def test_who_keeps_no_roster_and_who_looks_back_is_told_of_no_hole(night: Store) -> None:
    editions.make_due(night, MONDAY)
    edition = editions.edition_for(night, YESTERDAY)
    assert edition is not None
    assert edition.document.ahead is None
    on_duty(night)
    assert document(night, YESTERDAY.first, YESTERDAY.last, None, MONDAY - 5 * HOUR).ahead is None
    assert "nobody is on duty" not in text_of(page_of(edition.document))[0]


def test_a_report_that_was_stored_before_there_was_a_forecast_still_opens(night: Store) -> None:
    made = document(night, YESTERDAY.first, YESTERDAY.last, None, MONDAY).to_json()
    made.pop("ahead")
    assert Document.from_json(made).ahead is None
