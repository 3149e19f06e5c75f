"""Charts as PNG for mails: shapes alone, on nothing.

Their words and numbers stand in the table around them, where they follow the reader's language,
size and dark mode. The colours have a contrast of 3 or more against the mail's white and its dark.
"""

import io
from collections.abc import Sequence
from typing import Final

WIDE, TALL = 1120, 240
"""Pixels: twice what a mail shows."""
FINE: Final = 3
"""Drawn so much larger and made smaller, for smooth corners."""
KEPT, LATE, AXIS = (58, 134, 176, 255), (224, 82, 77, 255), (128, 131, 134, 255)
BAR: Final = 0.62
"""Of a column's width."""


def columns_png(counts: Sequence[int], late_from: int) -> bytes:
    """One bar for each count in columns of the same width, those from `late_from` on behind a wall.
    The same counts are the same bytes."""
    from PIL import Image, ImageDraw

    wide, tall = WIDE * FINE, TALL * FINE
    image = Image.new("RGBA", (wide, tall), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    floor, step, most = tall - 2 * FINE, wide / len(counts), max((*counts, 1))
    for n, count in enumerate(counts):
        if count:
            left = (n + (1 - BAR) / 2) * step
            high = max(count / most * (floor - 8 * FINE), 4 * FINE)
            box = (left, floor - high, left + BAR * step, floor)
            colour = LATE if n >= late_from else KEPT
            draw.rounded_rectangle(box, 4 * FINE, colour, corners=(True, True, False, False))
    wall = late_from * step
    draw.rectangle((wall - 1.5 * FINE, 0, wall + 1.5 * FINE, floor), LATE)
    draw.rectangle((0, floor, wide, tall), AXIS)
    out = io.BytesIO()
    small = image.resize((WIDE, TALL), Image.Resampling.BOX).quantize(64)
    small.save(out, "PNG", optimize=True)
    return out.getvalue()
