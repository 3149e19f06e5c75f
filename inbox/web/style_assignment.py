"""Sample pages of assignment; all invented."""

from dataclasses import replace
from datetime import timedelta

from inbox.web.pages import Frame
from inbox.web.pages_assignment import AssignmentPage, GivePage, InQueue, Taker
from inbox.web.style_people import ADA, BO, EMAIL, NOW, X
from inbox.web.style_roster import LIN

TAKERS = (
    Taker(replace(ADA, presence="online"), True, 4, 8, ("en", "pt", "es"), ("refund", "payment")),
    Taker(replace(BO, presence="away"), True, 10, 10, (), ()),
    Taker(replace(LIN, presence="offline"), False, 2, 6, ("zh", "en"), ("security",)),
)


def sample_assignment(frame: Frame) -> AssignmentPage:
    """Switched on; one person away, one not on duty, and a queue."""
    hour = timedelta(hours=1)
    queue = (
        InQueue(2, "王芳", X, NOW - hour, "zh", "security", "full"),
        InQueue(7, "Marta Iglesias", EMAIL, NOW + 3 * hour, "es", "refund", "soon"),
        InQueue(9, "Tomás Reis", X, NOW + 4 * hour, "pt", "payment", "team", "Iberia"),
    )
    return AssignmentPage(frame, True, TAKERS, 14, queue, 1_000, done="work")


def sample_give(frame: Frame) -> GivePage:
    """A conversation that the rule gave to Bo."""
    rule = {"because": "assigned", "language": "es", "category": None, "open": 2, "capacity": 8}
    return GivePage(
        frame,
        7,
        "Marta Iglesias",
        X,
        "es",
        "refund",
        BO,
        TAKERS,
        rule,
        ((1, "Iberia"), (2, "Cards")),
    )
