"""A report is made once for each day, week and month, whoever looks, and however often."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes
from email.policy import default
from functools import partial

import pytest

from inbox.store.session import Store
from reports.document import report_json
from reports.editions import (
    Kept,
    Refreshed,
    edition_for,
    kept,
    make_due,
    page_for,
    periods_due,
    refresh,
)
from reports.mails import mail_due
from templates.periods import KINDS, Days
from tests.fakes.smtp import SmtpServer
from tests.reports.office import ADA, BO, Office, answers, asks, at
from tests.reports.victims import KILLED, in_processes, killed_before

EIGHTEENTH = Days.day(date(2026, 11, 18))
SEVEN = time(7)
CY = "cy@lumen.example"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def test_a_report_is_made_when_its_hour_has_come_and_not_again(office: Office) -> None:
    office.open(created_at=at(1))
    assert make_due(office.store, at(24 + 6.99)) == []
    assert make_due(office.store, at(24 + 7)) == [EIGHTEENTH]
    assert make_due(office.store, at(24 + 7.01)) == []
    (edition,) = office.editions()
    assert (edition.local_date, edition.edition, edition.as_of) == (EIGHTEENTH.first, 1, at(31))


def november(*days: int) -> list[Days]:
    return [Days.day(date(2026, 11, day)) for day in days]


def test_no_report_without_a_brand(office: Office) -> None:
    assert make_due(office.store, at(31)) == []


def test_each_recipient_gets_one_mail_with_an_id_of_its_own(office: Office) -> None:
    office.open(created_at=at(1), recipients=[ADA, BO, ADA])
    make_due(office.store, at(31))
    mails = office.mails()
    assert [(m.recipient, m.state) for m in mails] == [(ADA, "queued"), (BO, "queued")]
    assert len({m.message_id for m in mails}) == 2


def test_after_three_days_down_the_missed_reports_are_made_at_once(office: Office) -> None:
    office.open(created_at=at(-24 * 30))
    make_due(office.store, at(-24 * 1 + 8))
    made = make_due(office.store, at(24 * 3 + 8))
    assert made == november(17, 18, 19, 20)
    days = [one.first for one in made]
    assert {e.as_of for e in office.editions() if e.local_date in days} == {at(24 * 3 + 8)}


def test_after_a_long_pause_the_last_days_weeks_and_months_are_made(office: Office) -> None:
    office.open(created_at=at(-24 * 100))
    made = make_due(office.store, at(31))
    assert made == [
        *november(*range(12, 19)),
        *(Days.week(date(2026, *day)) for day in ((10, 19), (10, 26), (11, 2), (11, 9))),
        *(Days.month(date(2026, month, 1)) for month in (9, 10)),
    ]
    assert make_due(office.store, at(31)) == []


def test_no_report_for_days_before_the_installation(office: Office) -> None:
    office.open(zone="Asia/Shanghai", created_at=at(-8.1))
    assert make_due(office.store, at(31)) == november(17, 18)


def test_two_threads_make_one_report(office: Office) -> None:
    office.open(created_at=at(-24 * 5))
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda n: make_due(office.store, at(31 + n / 1000)), range(6)))
    days = sorted((one for part in made for one in part), key=lambda one: (one.first, one.last))
    assert days == [Days.week(date(2026, 11, 9)), *november(13, 14, 15, 16, 17, 18)]
    assert len(office.editions()) == len(days)
    assert len(office.mails()) == len(days) - 1


def test_racing_processes_make_one_report(office: Office) -> None:
    office.open(created_at=at(1))
    office.store.close()
    url = office.store.url

    def race() -> None:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: make_due(Store(url), at(31)), range(3)))

    assert in_processes([race] * 3) == [0, 0, 0]
    assert len(office.editions()) == len(office.mails()) == 1


def test_killed_at_any_step_a_report_is_there_with_its_mails_or_not_at_all(office: Office) -> None:
    office.open(created_at=at(1), recipients=[ADA, BO])
    office.take(asks("ann", at(-20)))
    office.store.close()
    step, ended = 0, KILLED
    while ended == KILLED:
        step += 1
        ended = killed_before(step, office.store.url, lambda store: make_due(store, at(31)))
        assert (len(office.editions()), len(office.mails())) in ((0, 0), (1, 2))
        if office.editions():
            break
        office.store.close()
    make_due(office.store, at(31))
    assert step > 5
    assert (len(office.editions()), len(office.mails())) == (1, 2)


def test_a_week_and_a_month_are_made_on_the_day_after_and_mailed_to_whom_they_are_for(
    office: Office,
) -> None:
    """30 November 2026 is a Monday: the week before it is over that morning, the month a day on."""
    office.open(created_at=at(1), recipients=[ADA], kinds=["week", "month"])
    monday, made = 24 * 12, []
    for hours in (monday + 6.99, monday + 7, monday + 30.99, monday + 31):
        new = make_due(office.store, at(hours))
        made.append([one for one in new if one.kind != "day"])
    week, month = Days.week(date(2026, 11, 23)), Days.month(date(2026, 11, 1))
    assert made == [[Days.week(date(2026, 11, 16))], [week], [], [month]]
    leaves = [one.not_before for one in office.mails()]
    assert leaves == [at(5 * 24 + 7), at(monday + 7), at(monday + 31)]
    edition = edition_for(office.store, week)
    assert edition is not None
    assert (edition.days, edition.document.figures["to"]) == (week, "2026-11-29")
    shown = page_for(office.store, office.settings(), week, at(monday + 50))
    assert shown is not None
    assert (shown.edition, shown.as_of, len(shown.mails)) == (1, at(monday + 7), 1)


def test_a_report_is_made_at_the_earliest_time_and_each_mail_leaves_at_its_own(
    office: Office,
) -> None:
    office.open(created_at=at(1), zone="Asia/Shanghai", recipients=[ADA, BO, CY])
    office.change("UPDATE report_recipients SET at = '06:30' WHERE address = :who", who=ADA)
    office.change("UPDATE report_recipients SET at = '09:15' WHERE address = :who", who=CY)
    six_thirty = at(22.5)
    assert make_due(office.store, six_thirty - timedelta(seconds=1)) == []
    assert make_due(office.store, six_thirty) == [EIGHTEENTH]
    leaves = {mail.recipient: mail.not_before for mail in office.mails()}
    assert leaves == {ADA: six_thirty, BO: at(23), CY: at(25.25)}


@pytest.mark.parametrize(
    ("zone", "report_at", "day", "due"),
    [
        ("Europe/Lisbon", "07:00", (2026, 3, 28), (2026, 3, 29, 6)),  # the clocks went forward
        ("Europe/Lisbon", "01:30", (2026, 3, 28), (2026, 3, 29, 1)),  # 01:30 does not exist
        ("Europe/Lisbon", "01:30", (2026, 10, 24), (2026, 10, 25, 0, 30)),  # 01:30 comes twice
        ("Africa/Cairo", "00:00", (2026, 4, 23), (2026, 4, 23, 22)),  # midnight does not exist
        ("Australia/Lord_Howe", "02:15", (2026, 10, 3), (2026, 10, 3, 15, 30)),  # half an hour
        ("Asia/Shanghai", "08:00", (2026, 11, 18), (2026, 11, 19, 0)),
        ("Pacific/Kiritimati", "00:00", (2026, 11, 18), (2026, 11, 18, 10)),
    ],
)
def test_the_hour_is_the_one_on_the_wall(
    zone: str, report_at: str, day: tuple[int, int, int], due: tuple[int, int, int, int]
) -> None:
    hour = datetime(*due, tzinfo=UTC)
    when = partial(
        periods_due, "day", zone=zone, report_at=time.fromisoformat(report_at), since=LONG_AGO
    )
    assert Days.day(date(*day)) in when(hour)
    assert Days.day(date(*day)) not in when(hour - timedelta(seconds=1))


@pytest.mark.parametrize("zone", ["Europe/Lisbon", "America/Havana", "Asia/Gaza", "Pacific/Apia"])
def test_over_a_year_of_looking_every_day_is_due_once(zone: str) -> None:
    now, made = datetime(2011, 3, 1, tzinfo=UTC), dict[Days, None]()
    while now < datetime(2012, 3, 1, tzinfo=UTC):
        for kind in KINDS:
            made |= dict.fromkeys(periods_due(kind, now, zone, time(0), now - timedelta(9)))
        now += timedelta(hours=1)
    days, weeks, months = ([d for d in made if d.kind == kind] for kind in KINDS)
    lived = [day for day in every_day(days[0].first, days[-1].first) if (zone, day) not in LEFT_OUT]
    assert [one.first for one in days] == lived
    for some in (weeks, months):
        assert some[1:] == [one.after for one in some[:-1]]
    assert {one.first.weekday() for one in weeks} == {0}
    assert {one.first.day for one in months} == {1}
    assert (len(weeks) // 53, len(months) // 12) == (1, 1)


LEFT_OUT = {("Pacific/Apia", date(2011, 12, 30))}


def every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def test_a_stored_edition_shows_what_it_showed_whatever_comes_later(office: Office) -> None:
    office.open(created_at=at(1))
    office.take(asks("ann", at(-20)), asks("ben", at(-10)))
    make_due(office.store, at(31))
    settings = office.settings()
    then = page_for(office.store, settings, EIGHTEENTH, at(31))
    figures = report_json(office.store, EIGHTEENTH.first, EIGHTEENTH.last, None, at(31))
    office.take(answers("ann", at(3)), stored_at=at(32))
    office.correct("ben", at(30), category="refund")
    office.change("UPDATE brand SET name = 'Other', target_share = 0.5")
    assert page_for(office.store, settings, EIGHTEENTH, at(31)) == then
    edition = edition_for(office.store, EIGHTEENTH)
    assert edition is not None
    assert edition.document.figures == figures
    assert json.loads(json.dumps(figures)) == figures
    now = report_json(office.store, EIGHTEENTH.first, EIGHTEENTH.last, None, at(33))
    assert now["answered_in_time"] == figures["answered_in_time"] + 1


def test_refreshing_makes_a_new_edition_and_leaves_the_mailed_one_alone(office: Office) -> None:
    """The mail leaves after it, and shows what its edition showed."""
    office.open(created_at=at(1))
    office.take(asks("ann", at(-20)))
    make_due(office.store, at(31))
    mailed = edition_for(office.store, EIGHTEENTH)
    office.take(answers("ann", at(3)), stored_at=at(32))
    made = refresh(office.store, EIGHTEENTH, at(33), actor=ADA, after=1)
    assert made == Refreshed(2, made=True)
    fresh = edition_for(office.store, EIGHTEENTH)
    assert fresh is not None
    assert (fresh.number, fresh.document.figures["answered_in_time"]) == (2, 1)
    assert edition_for(office.store, EIGHTEENTH, 1) == mailed
    with SmtpServer(needs_sign_in=False) as server:
        assert mail_due(office.store, office.settings(server.url), lambda: at(34)) == 1
        (mail,) = server.accepted
    text = message_from_bytes(mail.raw, policy=default).get_body(("plain",))
    assert text is not None
    assert "0 of the 1 answer that was due was in time." in text.get_content()
    assert "/reports/2026-11-18?edition=1\r\n" in text.get_content()


def test_the_list_says_who_made_each_edition_and_what_it_opens_with(office: Office) -> None:
    office.open(created_at=at(1), recipients=[ADA, BO])
    office.take(asks("ann", at(-20)), asks("ben", at(-19)))
    make_due(office.store, at(31))
    office.change("UPDATE report_mails SET state = 'accepted' WHERE recipient = :who", who=ADA)
    office.take(answers("ann", at(3)), stored_at=at(32))
    refresh(office.store, EIGHTEENTH, at(33), actor=BO)
    refresh(office.store, EIGHTEENTH, at(34), actor="cli")
    by_cli, by_bo, first = kept(office.store, EIGHTEENTH)
    assert first == Kept(1, at(31), None, None, 1, 0, 2, 0, 2, 0.0)
    assert by_bo == Kept(2, at(33), BO, "Bo Narin", 0, 0, 2, 1, 1, 0.5)
    assert (by_cli.number, by_cli.made_by, by_cli.person) == (3, "cli", None)
    refresh(office.store, Days.week(EIGHTEENTH.first), at(34), actor="cli")
    assert kept(office.store, Days.week(EIGHTEENTH.first)) == ()
    assert kept(office.store, Days(EIGHTEENTH.first, EIGHTEENTH.after.last)) == ()


def test_a_day_on_which_nothing_was_due_is_listed_without_a_share(office: Office) -> None:
    office.open(created_at=at(1))
    make_due(office.store, at(31))
    (one,) = kept(office.store, EIGHTEENTH)
    assert (one.received, one.turns_due, one.share_in_time) == (0, 0, None)


def test_refreshing_before_the_hour_does_not_take_the_place_of_the_morning_report(
    office: Office,
) -> None:
    office.open(created_at=at(1))
    assert refresh(office.store, EIGHTEENTH, at(20), actor=ADA) is None
    assert make_due(office.store, at(31)) == [EIGHTEENTH]


def test_two_presses_make_one_edition(office: Office) -> None:
    office.open(created_at=at(1))
    make_due(office.store, at(31))
    press = partial(refresh, office.store, EIGHTEENTH, at(32), actor=ADA, after=1)
    with ThreadPoolExecutor(5) as pool:
        told = [one.result() for one in [pool.submit(press) for _ in range(5)]]
    assert sorted(one.made for one in told if one) == [False] * 4 + [True]
    assert {one.number for one in told if one} == {2}
    assert press() == Refreshed(2, made=False)
    assert [one.edition for one in office.editions()] == [1, 2]
    assert len(kept(office.store, EIGHTEENTH)) == 2, "one line in the audit log"


def test_refreshing_from_many_sides_numbers_each_edition_and_loses_none(office: Office) -> None:
    office.open(created_at=at(1))
    make_due(office.store, at(31))
    with ThreadPoolExecutor(5) as pool:
        one = partial(refresh, office.store, EIGHTEENTH, actor=ADA)
        told = list(pool.map(one, [at(32 + n / 100) for n in range(5)]))
    made = sorted(one.number for one in told if one and one.made)
    assert made == list(range(2, 2 + len(made)))
    assert [one.edition for one in office.editions()] == [1, *made]
    assert {one.number for one in told if one} <= set(made)


def test_killed_at_any_step_an_edition_is_there_with_its_maker_or_not_at_all(
    office: Office,
) -> None:
    office.open(created_at=at(1))
    make_due(office.store, at(31))
    step, ended = 0, KILLED
    while ended == KILLED:
        step += 1
        office.store.close()
        ended = killed_before(step, office.store.url, press, reads=False)
        made = [(one.number, one.made_by) for one in kept(office.store, EIGHTEENTH)]
        assert made in ([(1, None)], [(2, ADA), (1, None)])
        assert len(office.mails()) == 1
        if len(made) == 2:
            break
    assert step > 2


def press(store: Store) -> object:
    return refresh(store, EIGHTEENTH, at(33), actor=ADA, after=1)


def test_a_day_without_an_edition_is_shown_as_of_now(sqlite_office: Office) -> None:
    office = sqlite_office.open()
    shown = page_for(office.store, office.settings(), EIGHTEENTH, at(20))
    assert shown is not None
    assert (shown.edition, shown.as_of, shown.now_day) == (None, at(20), EIGHTEENTH.first)
    assert page_for(office.store, office.settings(), EIGHTEENTH, at(20), 2) is None
