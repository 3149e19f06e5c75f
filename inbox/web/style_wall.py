"""A sample of the wall; invented."""

from dataclasses import replace

from inbox.store.wall import Since
from inbox.web.pages import Frame
from inbox.web.pages_wall import WallPage, WallRow
from inbox.web.style_people import ADA, BO, due_in, sample_rows


def sample_wall(frame: Frame) -> WallPage:
    """Two are late, and eight are due within two hours."""
    channels = [row.channel for row in sample_rows()]
    late = tuple(WallRow(channels[n], due_in(-95 + 40 * n)) for n in range(2))
    soon = tuple(WallRow(channels[n % len(channels)], due_in(20 * n)) for n in range(1, 6))
    return WallPage(
        frame=replace(frame, theme="dark"),
        late=2,
        soon=8,
        late_rows=late,
        soon_rows=soon,
        next_at=None,
        on_duty=(replace(ADA, presence="online"), replace(BO, presence="away")),
        has_roster=True,
        hour=Since(31, 28, 27),
    )
