"""The forecast reads answers and case clocks that fall due, against the roster."""

from datetime import timedelta

from inbox.flows import forecasting, rostering
from inbox.store.tables import Contact
from tests.clock import MONDAY
from tests.factories import make_user
from tests.flows.desk import Desk, says
from tests.flows.test_complaints import mark

HOUR = timedelta(hours=1)


def test_what_falls_due_at_night_is_told_with_who_can_still_answer_it(desk: Desk) -> None:
    """Ada has the days from 08:00 to 20:00; Ann wrote at 08:50, Bob at midnight, Cy is blocked."""
    make_user(desk.store, "Ada Voss", "agent")
    day = {"id": "day", "name": "Day", "hours": "08:00-20:00", "people": ["ada@lumenpay.example"]}
    rostering.change_shifts(desk.store, {"shift": [day]}, actor="ada", now=desk.clock())
    desk.take(says("1"), says("2", minutes=-9 * 60, author="bob", conversation="c2"))
    desk.take(says("3", minutes=-9 * 60, author="cy", conversation="c3"))
    with desk.store.write() as session:
        session.get_one(Contact, desk.conversation("cy").contact_id).blocked = True
    mark(desk, "reg-e")
    with desk.store.read() as session:
        told = forecasting.told(session, forecasting.ahead(session, desk.clock(), 15))
    first, second = told["alone"]
    assert (first["conversation_id"], first["target"]) == (desk.conversation("bob").id, "public")
    midnight = MONDAY + 15 * HOUR
    assert (first["due_at"], first["answer_by"]) == (midnight, midnight - 4 * HOUR)
    assert first["cover_at"] == midnight + 8 * HOUR
    assert second["target"] == "complaint:1:determine"  # on a Monday, at midnight
    assert (told["late"], told["alone_count"]) == (0, 2)
    due = {one["from"]: one["due"] for one in told["ahead"] if one["due"]}
    assert due[midnight + 8 * HOUR] == 1  # Ann, on Tuesday at 08:50
    assert sum(due.values()) == 3


def test_without_any_shift_all_that_is_due_will_be_late(waits: Desk) -> None:
    with waits.store.read() as session:
        found = forecasting.ahead(session, waits.clock())
    assert (found.late, len(found.ahead)) == (1, 1)
