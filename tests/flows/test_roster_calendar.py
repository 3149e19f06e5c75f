"""The roster in calendar programs: links that open it, and entries that stay the same ones."""

from datetime import datetime, timedelta
from typing import Any

from icalendar import Calendar

from inbox.flows import roster_calendar, rostering, team
from inbox.flows.rostering import By
from inbox.store.session import Store
from inbox.store.tables import RosterLink, User
from tests.clock import MONDAY
from tests.factories import make_brand, make_user
from tests.flows.test_roster import ADA, BO, DEE, HOUR, LEAD, change, shift

SITE = "https://desk.example"


def desk(store: Store) -> Store:
    """Two agents and an admin; Ada works by day, Bo by night."""
    make_brand(store)
    for name, role in (("Ada Voss", "agent"), ("Bo Narin", "agent"), ("Dee Marl", "admin")):
        make_user(store, name, role)
    change(store, shift("day", "06:00-22:00", ADA), shift("night", "22:00-06:00", BO))
    return store


def link(store: Store, email: str = ADA, whole: bool = False) -> str:
    """The token of a fresh link."""
    made = roster_calendar.make_link(
        store, base_url=SITE, email=email, whole=whole, actor=email, now=MONDAY
    )
    assert made.startswith(f"{SITE}/calendar/")
    assert made.endswith("/roster.ics")
    return made.split("/")[-2]


def read(store: Store, token: str, now: datetime = MONDAY) -> bytes | None:
    return roster_calendar.opened(store, token, SITE, now)


def events(raw: bytes | None) -> dict[datetime, Any]:
    assert raw is not None
    return {one["DTSTART"].dt: one for one in listed(raw)}


def listed(raw: bytes) -> list[Any]:
    return list(Calendar.from_ical(raw).walk("VEVENT"))


def test_a_link_opens_until_it_is_renewed_ended_or_a_year_old(store: Store) -> None:
    desk(store)
    first = link(store)
    assert read(store, first) is not None
    with store.read() as session:
        row = session.query(RosterLink).one()
        assert row.last_used_at == MONDAY
        assert first not in (row.token_hash, str(row.id))
    second = link(store)
    assert read(store, first) is None
    late = MONDAY + roster_calendar.LASTS
    reminder = events(read(store, second))[late - timedelta(days=7)]
    assert reminder["SUMMARY"].startswith("The link of this calendar ends in a week")
    assert [read(store, second, at) is None for at in (late - HOUR, late)] == [False, True]
    about: dict[str, Any] = {"email": ADA, "actor": ADA, "now": MONDAY}
    assert not roster_calendar.end_link(store, whole=True, **about)
    assert roster_calendar.end_link(store, whole=False, **about)
    assert read(store, second) is None


def test_who_is_shut_out_or_becomes_an_auditor_loses_the_links_for_good(
    sqlite_store: Store,
) -> None:
    store = desk(sqlite_store)
    ada, bo = link(store), link(store, BO, whole=True)
    team.disable(store, user_id=1, actor=DEE, now=MONDAY)
    team.enable(store, user_id=1, actor=DEE, now=MONDAY)
    team.change_role(store, user_id=2, role="auditor", actor=DEE, now=MONDAY)
    team.change_role(store, user_id=2, role="agent", actor=DEE, now=MONDAY)
    assert (read(store, ada), read(store, bo)) == (None, None)
    third = link(store, DEE)
    with store.write() as session:
        session.get_one(User, 3).disabled_at = MONDAY
    assert read(store, third) is None


def test_an_entry_keeps_its_name_and_counts_every_change(sqlite_store: Store) -> None:
    """A swap, its end, an absence, its end and its return: the same entry, ever newer."""
    store, begins = desk(sqlite_store), MONDAY - 3 * HOUR
    token, found = link(store), []

    def look(now: datetime) -> None:
        one = events(read(store, token, now))[begins]
        told = [str(one[key]) for key in ("UID", "STATUS", "SEQUENCE")]
        found.append((*told, one["LAST-MODIFIED"].dt))

    look(MONDAY)
    swap = rostering.offer_swap(
        store, shift="day", day=MONDAY.date(), gives=ADA, takes=BO, by=LEAD, now=MONDAY
    )
    look(MONDAY)
    later = [MONDAY + n * timedelta(minutes=1) for n in range(5)]
    rostering.settle_swap(store, swap, "withdraw", by=LEAD, now=later[1])
    look(later[1])
    own, span = By(ADA, leads=False), {"starts_at": begins, "ends_at": MONDAY + 20 * HOUR}
    absence = rostering.enter_absence(
        store, person=ADA, **span, reason="Dentist", by=own, now=later[2]
    )
    raw = read(store, token, later[2])
    assert raw is not None
    assert b"Dentist" not in raw
    assert b"SUMMARY:Away" in raw
    rostering.withdraw_absence(store, absence, by=own, now=later[3])
    rostering.withdraw_absence(store, absence, by=own, now=later[4], back=True)
    rostering.withdraw_absence(store, absence, by=own, now=later[4])
    with store.read() as session:
        ada = session.get_one(User, 1)
        raw = roster_calendar.calendar(session, ada, False, SITE, later[4])
    day = next(
        one for one in listed(raw) if one["SUMMARY"] == "Day" and one["DTSTART"].dt == begins
    )
    assert {uid for uid, *_ in found} == {str(day["UID"])}
    assert [status for _, status, *_ in found] == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert [int(n) for _, _, n, _ in found] + [day["SEQUENCE"]] == [1, 2, 3, 7]
    assert day["LAST-MODIFIED"].dt == later[4]
    assert (day["STATUS"], ADA.encode() in raw) == ("CONFIRMED", False)


def test_times_are_right_on_the_nights_when_the_clocks_change(sqlite_store: Store) -> None:
    store = desk(sqlite_store)
    bo = link(store, BO)
    now = datetime.fromisoformat("2027-03-26T12:00Z")
    nights = [
        (at, one["DTEND"].dt - at)
        for at, one in events(read(store, bo, now)).items()
        if now < at < now + timedelta(days=3)
    ]
    spring = datetime.fromisoformat("2027-03-27T22:00Z")
    assert nights == [
        (spring - 24 * HOUR, 8 * HOUR),
        (spring, 7 * HOUR),
        (spring + 23 * HOUR, 8 * HOUR),
    ]


def test_the_whole_roster_names_everybody_in_the_readers_language(sqlite_store: Store) -> None:
    store = desk(sqlite_store)
    change(store, shift("day", "06:00-22:00", ADA, DEE))
    with store.write() as session:
        session.get_one(User, 2).locale = "zh_Hans_CN"
    raw = read(store, link(store, BO, whole=True))
    assert raw is not None
    found = events(raw)
    assert found[MONDAY - 3 * HOUR]["SUMMARY"] == "Day: Ada Voss, Dee Marl"
    assert found[MONDAY + 13 * HOUR]["SUMMARY"] == "无人值班"
    assert "X-WR-CALNAME:Lumen Pay · 全部排班" in raw.decode()
    change(store, shift("day", "06:00-22:00"))
    empty = listed(read(store, link(store, ADA, whole=True)) or b"")
    assert {"Day: nobody", "Nobody is on duty"} <= {str(one["SUMMARY"]) for one in empty}
