"""The pack of a stored edition counts to that edition, whatever became known since."""

import io
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from inbox.flows import states
from inbox.store.tables import Step
from reports.document import report_json
from reports.editions import Edition, edition_for, make_due, refresh
from reports.evidence.archive import EDITION, FIGURES
from reports.evidence.check import verify
from reports.evidence.pack import Asked, make
from templates.periods import Days
from tests.reports.office import ADA, DAY, Office, answers, asks, at, deleted
from tests.reports.test_evidence import KEY, PUBLIC, as_json, forged, instead, opened
from tests.reports.test_further import step

EIGHTEENTH = Days.day(DAY.date())


def kept(office: Office, number: int | None = None) -> Edition:
    found = edition_for(office.store, EIGHTEENTH, number)
    assert found is not None
    return found


def pack_of(office: Office, asked: Asked) -> bytes:
    out = io.BytesIO()
    make(office.store, KEY, asked, out, actor=ADA, now=at(100))
    return out.getvalue()


def told(pack: bytes) -> tuple[int | None, list[str]]:
    found = verify(io.BytesIO(pack), PUBLIC)
    return found.edition, found.differences


def a_day(office: Office) -> Office:
    office.open(created_at=at(1))
    office.take(asks("ann", at(-20)), answers("ann", at(2)))
    office.take(asks("ben", at(3), "refund high help"))
    office.take(asks("cai", at(-3)))
    office.take(asks("dee", at(5)), answers("dee", at(6), None), asks("dee", at(7), number=1))
    office.take(asks("fay", at(1)), answers("fay", at(2)))
    step(office, "fay", 3, "resolve")
    make_due(office.store, at(31))
    return office


def taken_back(office: Office) -> None:
    """The newest step of a conversation."""
    with office.store.read() as session:
        newest = session.scalars(select(Step).order_by(Step.id.desc())).first()
    assert newest is not None
    about = {"conversation_id": newest.conversation_id, "step_id": newest.id}
    states.undo(office.store, **about, actor=ADA, now=at(45))


LATER: dict[str, Callable[[Office], None]] = {
    "an answer": lambda o: o.take(answers("ben", at(40))),
    "an answer that was late to arrive": lambda o: o.take(answers("cai", at(8)), stored_at=at(41)),
    "a message that was late to arrive": lambda o: o.take(
        asks("ben", at(1), "account low help", number=2), stored_at=at(41)
    ),
    "a customer who was late to arrive": lambda o: o.take(asks("eva", at(9)), stored_at=at(41)),
    "a message that was deleted": lambda o: o.take(
        deleted(asks("cai", at(-3)), at(42)), stored_at=at(42)
    ),
    "another tag": lambda o: o.correct("ben", at(43), category="payment"),
    "a resolution that was taken back": taken_back,
    "an excuse": lambda o: o.excuse("ben", at(44)),
}


@pytest.mark.parametrize("what", LATER)
def test_what_became_known_later_changes_nothing_in_it(office: Office, what: str) -> None:
    a_day(office)
    before = pack_of(office, Asked.of(kept(office)))
    assert told(before) == (1, [])
    LATER[what](office)
    after = pack_of(office, Asked.of(kept(office)))
    assert told(after) == (1, [])
    assert json.loads(opened(after)[FIGURES]) == as_json(kept(office).document.figures)
    assert after == before


def test_today_tells_another_story_of_the_same_instant(office: Office) -> None:
    """Else the tests above prove nothing; and a new edition is proven by its own pack."""
    a_day(office)
    for later in LATER.values():
        later(office)
    mailed = kept(office, 1)
    now = report_json(office.store, DAY.date(), DAY.date(), "UTC", mailed.as_of)
    assert as_json(now) != as_json(mailed.document.figures)
    refresh(office.store, EIGHTEENTH, at(60), actor=ADA)
    assert told(pack_of(office, Asked.of(kept(office)))) == (2, [])
    assert told(pack_of(office, Asked.of(mailed))) == (1, [])


def test_a_figure_that_the_rows_do_not_give_any_more_is_told(sqlite_office: Office) -> None:
    office = a_day(sqlite_office)
    edition = kept(office)
    figures = edition.document.figures | {"received": 17}
    shown = replace(edition, document=replace(edition.document, figures=figures))
    assert told(pack_of(office, Asked.of(shown))) == (
        1,
        ["edition.json: received was 17, the rows count 4"],
    )


def test_an_edition_that_somebody_put_in_is_found(sqlite_office: Office) -> None:
    office = a_day(sqlite_office)
    pack = pack_of(office, Asked.of(kept(office)))
    said = opened(pack)[EDITION].replace(b'"received": 4', b'"received": 5')
    found = verify(io.BytesIO(forged(pack, edition=instead(said))), PUBLIC).differences
    assert [one for one in found if one.startswith("edition.json: received")]
    assert [one for one in found if "not by the key given" in one]
