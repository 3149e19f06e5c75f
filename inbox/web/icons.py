"""The mark as a picture, for where a browser takes no drawing of ours, and with a count on it."""

from functools import cache
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

from inbox.web.pages import STATIC

ACCENT = (0, 98, 141, 255)
FAINT = (114, 166, 190, 255)
WHITE = (255, 255, 255, 255)
SIDE = 28
"""The mark's own units (`static/mark.svg`)."""
SIZES: Final = {"touch": 180, "192": 192, "512": 512, "mask": 512}
FINE = 4
"""Drawn so many times larger, and reduced: smooth edges."""

_BADGE = (
    '<circle cx="18" cy="10" r="10" fill="#fff"/><circle cx="18" cy="10" r="9" fill="#1a1b1c"/>'
    '<text x="18" y="14.5" fill="#fff" font-family="sans-serif" font-size="13" font-weight="700" '
    'text-anchor="middle">{}</text></svg>'
)


@cache
def picture(name: str) -> bytes:
    """A PNG, one of `SIZES`. `touch` and `mask` fill their corners: the phone cuts them itself."""
    side = SIZES[name] * FINE
    unit = side / SIDE
    image = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(image)
    round_ = 0 if name in ("touch", "mask") else 7 * unit
    draw.rounded_rectangle((0, 0, side - 1, side - 1), round_, fill=ACCENT)
    for start, end, colour in ((6, 14.5, FAINT), (14.5, 22, WHITE)):
        box = ((start - 1) * unit, 13 * unit, (end + 1) * unit, 15 * unit)
        draw.rounded_rectangle(box, unit, fill=colour)
    draw.ellipse((11.5 * unit, 11 * unit, 17.5 * unit, 17 * unit), fill=WHITE)
    made = BytesIO()
    image.resize((SIZES[name], SIZES[name]), Image.Resampling.LANCZOS).save(made, "PNG")
    return made.getvalue()


@cache
def counted(count: int) -> str:
    """The mark as an SVG with a count on it; from 10 on there is no room for more than `9+`."""
    mark = (STATIC / "mark.svg").read_text("utf-8").strip().removesuffix("</svg>")
    return mark + _BADGE.format(count if count < 10 else "9+")
