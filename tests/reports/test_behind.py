"""What stands behind a figure is exactly what it counts."""

from datetime import timedelta

from hypothesis import given, settings

from reports.behind import OF_PERIOD, Figure, behind
from reports.document import document
from reports.figures import MessageRow, Period, TurnRow, figures
from templates.behind import Behind
from templates.periods import DAY, Days
from tests.reports.office import Office, at
from tests.reports.test_document import TODAY
from tests.reports.test_figures import rows_and_period


@settings(max_examples=200, deadline=None)
@given(rows_and_period())
def test_each_figure_has_as_many_turns_as_it_says(
    case: tuple[list[TurnRow], list[MessageRow], Period],
) -> None:
    rows, _, period = case
    told = figures(rows, (), period)
    totals = told.totals
    many = {name: sum(fits(row, period) for row in rows) for name, fits in OF_PERIOD.items()}
    assert many.pop("late") == totals.turns_due - totals.answered_in_time
    assert many.pop("answered_late") == totals.turns_due - many["answered_in_time"] - (
        totals.overdue_open
    )
    in_time = sum(one.answered_in_time for one in told.by_agent.values())
    assert many.pop("answers_in_time") == in_time
    assert many.pop("first_response") == totals.first_response_s.count
    assert many.pop("next_response") == totals.next_response_s.count
    answered = totals.first_response_s.count + totals.next_response_s.count
    assert many.pop("answered") == answered
    assert many.pop("turns_closed") == answered + totals.excused + totals.withdrawn
    assert many == {name: getattr(totals, name) for name in many}


def pages(found: Behind) -> range:
    """Those after the first."""
    return range(2, found.pages + 1)


def test_each_number_of_a_report_is_listed_in_its_groups_too(week: Office) -> None:
    days = Days(TODAY - DAY, TODAY + DAY)
    made = document(week.store, days.first, days.last, None, at(30))
    told = made.figures
    assert told["received"] > 0

    def count(name: str, group: str = "", key: str = "") -> int:
        found_of = Figure(name, group, key)
        found = behind(week.store, days, at(30), found_of, 4)
        shown = len(found.waits) + sum(one.messages for one in found.heard)
        rest = (behind(week.store, days, at(30), found_of, 4, page=n) for n in pages(found))
        assert found.count == shown + sum(
            len(one.waits) + sum(h.messages for h in one.heard) for one in rest
        )
        return found.count

    for name in ("received", "turns_due", "withdrawn", "overdue_open"):
        assert count(name) == told[name]
    assert count("waiting") == told["backlog"]["all"] > 0
    assert count("late_now") == len(made.late_now)
    assert count("due_today") == made.due_today
    assert count("turns_closed") == told["turns_closed"] > 0
    for hour, inner in told["by_hour"].items():
        assert count("received", "hour", hour) == inner["received"]
        assert count("first_response", "hour", hour) == inner["first_response_s"]["count"]
    for group in ("channel", "account", "language"):
        for key, inner in told[f"by_{group}"].items():
            assert count("turns_due", group, key) == inner["turns_due"]
            assert count("received", group, key) == inner["received"]
    for key, agent in told["by_agent"].items():
        assert count("answered", "agent", key) == agent["answered"]


def test_a_wait_behind_a_figure_has_its_evidence(week: Office) -> None:
    days = Days.day(TODAY)
    found = behind(week.store, days, at(30), Figure("late"), 500)
    broken = {one.opened_by: one for one in document(week.store, TODAY, TODAY, None, at(30)).broken}
    assert {one.opened_by for one in found.waits} == broken.keys()
    for one in found.waits:
        assert one.due_at - one.opened_at == timedelta(hours=24)
        assert one.over_s == broken[one.opened_by].over_s
