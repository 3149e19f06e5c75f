"""A rule says by which policy a wait is judged: evidence, changes of policies, and previews."""

from datetime import timedelta
from typing import Any

import pytest

from inbox.domain.written import Unclear
from inbox.flows import rule_book
from inbox.flows.calculations import calculations
from inbox.flows.refold import refold
from inbox.store import ruling as stored
from inbox.store import warnings
from inbox.store.tables import TurnRow
from tests.flows.desk import Desk, at, own, says
from tests.flows.test_policies import change, document
from tests.flows.test_refold import current
from tests.flows.test_ruling import book, ready, runs

HOUR = timedelta(hours=1)


def press(desk: Desk, first: str | None, **more: Any) -> Any:
    """The newest set with such a promise to the press, which nothing here fits; or without it."""
    found = document(desk)
    found["policy"] = [one for one in found["policy"] if one["id"] != "press"]
    if first:
        row = {"id": "press", "name": "Press", "first": first, "next": "1h", "channels": ["email"]}
        found["policy"].append(row)
    return change(desk, found, **more)


def policies(desk: Desk) -> list[tuple[str, timedelta]]:
    return [(turn.policy["id"], turn.due_at - turn.opened_at) for turn in current(desk)]


def test_a_wait_is_judged_by_the_policy_that_a_rule_chose_also_when_policies_change(
    desk: Desk,
) -> None:
    ready(desk)
    press(desk, "2h")
    book(desk, {"policy": "press"})
    desk.take(says("0", "hello", -20))
    assert policies(desk) == [("social", 24 * HOUR)]
    desk.take(says("1", "stolen", -10))
    assert policies(desk) == [("press", 2 * HOUR)]
    (turn,) = current(desk)
    said = {"policy": "press", "rule": "stolen", "name": "Stolen", "version": 1}
    assert turn.policy["chosen"] == [said]
    count = len(desk.rows(TurnRow))
    with desk.store.write() as session:
        assert [how.rule for how in calculations(session, [turn])] == ["Stolen"]
        refold(session, [turn.conversation_id], desk.clock())
        (held,) = warnings.held(session, at(999), [turn.conversation_id])
    assert held.matter.chosen == ("press",)  # so the steps of its warnings are the policy's
    assert len(desk.rows(TurnRow)) == count
    desk.clock.forward(minutes=1)
    made = press(desk, "30m", dry_run=True)
    assert (made.effect.open, made.effect.earlier) == (1, 1)
    press(desk, "30m")
    assert policies(desk) == [("press", HOUR / 2)]
    press(desk, None)
    assert policies(desk) == [("social", 24 * HOUR)]
    with desk.store.read() as session:
        assert [how.rule for how in calculations(session, current(desk))] == [None]


def test_later_waits_go_on_by_it_until_the_matter_ends_and_ended_ones_keep_it(
    sqlite_desk: Desk,
) -> None:
    desk = ready(sqlite_desk)
    press(desk, "2h", since=at(-60))
    book(desk, {"policy": "press"})
    desk.take(says("1", "stolen", -30), own("2", minutes=-20), says("3", "and now?", -10))
    assert policies(desk) == [("press", 2 * HOUR), ("press", HOUR)]
    desk.clock.forward(minutes=1)
    press(desk, None)
    assert policies(desk) == [("press", 2 * HOUR), ("social", 24 * HOUR)]
    desk.take(says("4", "stolen", 0))
    assert runs(desk)[-1] == ("policy", "failed", "There is no such promise of an answer any more.")


def test_a_rule_chooses_only_a_promise_to_customers_and_is_tried_before(sqlite_desk: Desk) -> None:
    desk = ready(sqlite_desk)
    for wrong in ("critical", "refund-review", "none"):  # the team's own, of the matter, not there
        with pytest.raises(Unclear, match=f"no policy {wrong}"):
            book(desk, {"policy": wrong})
    book(desk, {"policy": "social"})
    desk.take(says("1", "stolen"))
    with desk.store.read() as session:
        rules = stored.rules(stored.newest(session))
        trial = rule_book.try_out(session, rules, desk.clock())
    assert trial.hits[0].actions == {("policy", "social"): 1}
