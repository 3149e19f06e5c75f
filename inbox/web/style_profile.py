"""Sample people for the pages about them; all invented."""

from datetime import timedelta

from inbox.flows.profile import Place
from inbox.web.pages import Frame
from inbox.web.pages_people import MePage
from inbox.web.style_people import NOW


def sample_places() -> tuple[Place, ...]:
    """This browser, a phone, and something that does not say what it is."""
    day = timedelta(days=1)
    return (
        Place("a1", "Firefox, Linux", NOW - 3 * day, NOW, here=True),
        Place("b2", "Safari, iPhone", NOW - 9 * day, NOW - day / 4, here=False),
        Place("c3", "", NOW - day / 3, NOW - day / 3, here=False),
    )


def sample_me(frame: Frame, done: str = "") -> MePage:
    return MePage(frame, sample_places(), frame.me.name, done)
