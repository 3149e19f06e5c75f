"""Samples of the page of saved views."""

from inbox.web.pages import Frame
from inbox.web.pages_list import View
from inbox.web.pages_views import Kept, ViewForm, ViewsPage

LATE = View("saved:1", 3, False, False, "Late refunds", shared=True)
CHINESE = View("saved:2", 100, False, more=True, name="中文", shared=True)
MINE = View("saved:3", 0, False, False, "Mine with the bank")


def sample_views(frame: Frame) -> ViewsPage:
    """The team's, one's own, one that was removed just now, and a search that is not understood."""
    return ViewsPage(
        frame,
        (
            Kept(LATE, 1, "is:overdue category:refund", changes=True, first=True),
            Kept(CHINESE, 2, "lang:zh is:open", changes=True, last=True),
            Kept(MINE, 3, 'is:mine "the bank"', changes=True, first=True, last=True),
        ),
        ViewForm(
            *(0, "VIP", "is:vipp", False, "query"),
            "is:vipp is not known. There are: is:open, is:vip.",
        ),
        removed=(4, "Praise"),
    )
