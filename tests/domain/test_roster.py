"""The roster: rotation, swaps and absences, on the nights when the clocks change too."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inbox.domain.calendars import ALL_DAY, Calendar, Hours, Slot, local_date
from inbox.domain.roster import (
    Absence,
    Asked,
    Roster,
    Shift,
    Swap,
    cover,
    duties,
    holes,
    on_duty,
    watch,
)

HOUR = timedelta(hours=1)
NIGHT = Shift("night", "Night", time(22), time(6), "Europe/Lisbon", (("ada",),))
DAY = replace(NIGHT, id="day", name="Day", starts=time(6), ends=time(22), groups=(("bo",),))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "Z")


def lengths(shift: Shift, *days: date) -> list[timedelta]:
    return [end - start for start, end in map(shift.span, days)]


def test_a_night_shift_has_an_hour_less_or_more_when_the_clocks_change() -> None:
    spring, autumn = date(2026, 3, 28), date(2026, 10, 24)
    assert lengths(NIGHT, spring, autumn, date(2026, 11, 1)) == [7 * HOUR, 9 * HOUR, 8 * HOUR]
    whole = replace(NIGHT, starts=time(8), ends=time(8))
    assert lengths(whole, spring, autumn) == [23 * HOUR, 25 * HOUR]


def test_day_and_night_leave_no_hole_in_a_year_with_both_changes() -> None:
    spans = cover(Roster((DAY, NIGHT)), at("2026-01-01T00:00"), at("2027-01-01T00:00"))
    assert all(len(one.people) == 1 for one in spans)


def test_groups_rotate_each_monday_from_the_anchors_week() -> None:
    shift = replace(NIGHT, groups=(("ada", "cy"), ("bo",)), anchor=date(2026, 11, 25))
    assert shift.group(date(2026, 11, 29)) == ("ada", "cy")  # the Sunday of the anchor's week
    assert shift.group(date(2026, 11, 30)) == ("bo",)
    assert shift.group(date(2026, 11, 22)) == ("bo",)
    # The night that begins on Sunday belongs to Sunday's group until it ends.
    assert on_duty(Roster((shift,)), at("2026-11-30T05:00")) == {"ada", "cy"}


def test_a_shift_begins_on_its_weekdays_and_dates_only() -> None:
    shift = replace(
        NIGHT, weekdays=frozenset({4}), since=date(2026, 11, 27), until=date(2026, 12, 4)
    )
    found = duties(Roster((shift,)), at("2026-11-01T00:00"), at("2027-01-01T00:00"))
    assert [d.day.isoformat() for d in found] == ["2026-11-27", "2026-12-04"]


def test_a_swap_counts_on_its_date_and_one_may_be_swapped_on() -> None:
    day = date(2026, 11, 27)
    first = Swap("night", day, "ada", "bo")
    roster = Roster((NIGHT,), (first, Swap("night", day, "bo", "cy")))
    assert roster.people(NIGHT, day) == ("cy",)
    assert roster.people(NIGHT, date(2026, 11, 28)) == ("ada",)
    assert Roster((NIGHT,), (Swap("night", day, "dee", "bo"),)).people(NIGHT, day) == ("ada",)


def test_an_absence_opens_a_hole_for_as_long_as_it_lasts() -> None:
    away = Absence("ada", at("2026-11-28T01:00"), at("2026-11-28T02:30"))
    roster = Roster((DAY, NIGHT), absences=(away,))
    found = holes(roster, at("2026-11-27T00:00"), at("2026-11-30T00:00"))
    assert [(one.starts_at, one.ends_at) for one in found] == [(away.starts_at, away.ends_at)]


def test_holes_are_asked_for_in_given_hours_only() -> None:
    office = Asked(1, ((Slot(time(9), time(18)),),) * 7, "Europe/Lisbon")
    roster = Roster((replace(DAY, ends=time(17)),), asked=office)
    found = holes(roster, at("2026-11-27T00:00"), at("2026-11-29T00:00"))
    assert [(one.starts_at, one.ends_at) for one in found] == [
        (at(f"2026-11-{day}T17:00"), at(f"2026-11-{day}T18:00")) for day in ("27", "28")
    ]


def test_too_few_are_a_hole_too_and_nobody_is_none_where_nobody_is_asked() -> None:
    weekday = Asked(2, ((Slot(time(8), time(22)),),) * 5 + ((), ()), "Europe/Lisbon")
    both = replace(DAY, starts=time(8), ends=time(20), groups=(("ada", "bo"),))
    late = replace(DAY, id="late", starts=time(20), ends=time(22), groups=(("ada",),))
    roster = Roster((both, late), asked=weekday)
    found = holes(roster, at("2026-11-27T00:00"), at("2026-11-30T09:00"))  # Friday to Monday
    told = [(one.starts_at, one.ends_at, set(one.people), one.asked) for one in found]
    assert told == [(at("2026-11-27T20:00"), at("2026-11-27T22:00"), {"ada"}, 2)]


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """Hours in which the zone changed its clocks, 2020–2035."""
    tz, found = ZoneInfo(zone), []
    here = datetime(2020, 1, 1, tzinfo=UTC)
    while here.year < 2036:
        if here.astimezone(tz).utcoffset() != (here + 7 * 24 * HOUR).astimezone(tz).utcoffset():
            found += [here + 24 * HOUR * n for n in range(7)]
        here += 7 * 24 * HOUR
    return tuple(found)


ZONES = sorted(available_timezones() - {"localtime"})
PEOPLE = st.sampled_from(["ada", "bo", "cy", "dee"])
QUARTERS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
GROUPS = st.lists(st.lists(PEOPLE, max_size=2).map(tuple), max_size=3).map(tuple)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Roster, datetime, datetime]:
    """A roster of one zone and four days, mostly around a change of its clocks."""
    zone = draw(st.sampled_from(ZONES))
    near = draw(st.sampled_from(changes(zone) or (datetime(2028, 2, 28, tzinfo=UTC),)))
    start = near + draw(st.integers(-48, 0)) * HOUR
    end = start + draw(st.integers(1, 96)) * HOUR
    day = near.date()
    days = st.integers(-5, 5).map(lambda n: day + timedelta(days=n))
    shift = st.builds(
        Shift,
        st.sampled_from(["a", "b", "c"]),
        st.just("Shift"),
        QUARTERS,
        QUARTERS,
        st.just(zone),
        GROUPS,
        st.frozensets(st.integers(0, 6), min_size=1),
        days,
        st.none() | days,
        days,
    )
    instants = st.integers(-120, 120).map(lambda n: near + n * HOUR / 2)
    absence = st.builds(
        lambda who, a, n: Absence(who, a, a + n * HOUR), PEOPLE, instants, st.integers(1, 40)
    )
    swap = st.builds(Swap, st.sampled_from(["a", "b", "c"]), days, PEOPLE, PEOPLE)
    return (
        Roster(
            tuple(draw(st.lists(shift, max_size=3, unique_by=lambda s: s.id))),
            tuple(draw(st.lists(swap, max_size=3))),
            tuple(draw(st.lists(absence, max_size=3))),
        ),
        start,
        end,
    )


@settings(max_examples=60)
@given(scenes(), st.data())
def test_cover_tiles_time_and_agrees_with_who_is_on_duty_at_any_instant(
    scene: tuple[Roster, datetime, datetime], data: st.DataObject
) -> None:
    roster, start, end = scene
    spans = cover(roster, start, end)
    assert [spans[0].starts_at, spans[-1].ends_at] == [start, end]
    assert all(one.ends_at == other.starts_at for one, other in pairwise(spans))
    assert all(one.people != other.people for one, other in pairwise(spans))
    assert all(one.starts_at < one.ends_at for one in spans)
    for one in spans:
        inside = data.draw(st.integers(0, 999)) / 1000
        for here in (one.starts_at, one.starts_at + inside * (one.ends_at - one.starts_at)):
            assert on_duty(roster, here) == one.people == said(roster, here)
    empty = [(one.starts_at, one.ends_at) for one in spans if not one.people]
    assert [(one.starts_at, one.ends_at) for one in holes(roster, start, end)] == empty


WEEKS = st.lists(
    st.sampled_from([(), ALL_DAY, (Slot(time(8), time(12)), Slot(time(13), None))]),
    min_size=7,
    max_size=7,
).map(tuple)


@settings(max_examples=30)
@given(scenes(), WEEKS, st.integers(1, 3), st.data())
def test_holes_are_where_a_look_at_any_instant_finds_too_few(
    scene: tuple[Roster, datetime, datetime],
    week: tuple[Hours, ...],
    people: int,
    data: st.DataObject,
) -> None:
    """Spans tile the time, and say at each instant who is there and how many are asked."""
    roster, start, end = scene
    zone = data.draw(st.sampled_from(ZONES))
    assume(any(week))
    asked = Asked(people, week, zone)
    roster = replace(roster, asked=asked)
    spans = watch(roster, start, end)
    assert [spans[0].starts_at, spans[-1].ends_at] == [start, end]
    assert all(one.ends_at == other.starts_at for one, other in pairwise(spans))
    calendar = Calendar("c", 1, zone, week)
    for one in spans:
        opens = any(
            a <= one.starts_at < b
            for n in (-1, 0, 1)
            for a, b in calendar.spans(local_date(one.starts_at, zone) + n * timedelta(days=1))
        )
        assert one.people == on_duty(roster, one.starts_at)
        assert one.asked == (people if opens else 0)
    assert holes(roster, start, end) == [one for one in spans if len(one.people) < one.asked]


def said(roster: Roster, instant: datetime) -> frozenset[str]:
    """The same by another rule: each shift of the days around is asked."""
    found = set()
    for shift in roster.shifts:
        today = instant.astimezone(ZoneInfo(shift.zone)).date()
        for day in (today + timedelta(days=n) for n in range(-2, 3)):
            start, end = shift.span(day)
            if shift.begins_on(day) and start <= instant < end:
                found |= set(roster.people(shift, day))
    away = {a.person for a in roster.absences if a.starts_at <= instant < a.ends_at}
    return frozenset(found - away)


@settings(max_examples=40)
@given(st.sampled_from(ZONES), QUARTERS, QUARTERS, st.data())
def test_two_shifts_that_share_the_day_cover_it_once_in_every_zone(
    zone: str, one: time, other: time, data: st.DataObject
) -> None:
    """Whatever the clocks do, one begins when the other ends."""
    first = Shift("a", "A", one, other, zone, (("ada",),))
    second = replace(first, id="b", starts=other, ends=one, groups=(("bo",),))
    shifts = (first,) if one == other else (first, second)
    near = data.draw(st.sampled_from(changes(zone) or (datetime(2028, 2, 28, tzinfo=UTC),)))
    spans = cover(Roster(shifts), near - 72 * HOUR, near + 72 * HOUR)
    assert all(len(span.people) == 1 for span in spans)
