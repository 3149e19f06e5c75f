"""What a file is, by its bytes alone, and a picture of it that is safe to show.

Nothing that a sender says of a file is believed, and nothing that a sender made reaches a browser
as a page: pictures are drawn anew (one frame, no metadata), all else is only ever saved to disk.
"""

import mimetypes
import re
import threading
import zipfile
from fnmatch import fnmatch
from io import BytesIO
from typing import Final

import puremagic
from PIL import Image, ImageOps

UNKNOWN: Final = "application/octet-stream"
PREVIEW_MIME: Final = "image/webp"
PREVIEW_PX: Final = 1600
MOST_PIXELS: Final = 50_000_000
"""A picture with more is not drawn: a small file may unfold to gigabytes."""
_DRAWN: Final = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
_ONE_AT_A_TIME = threading.Lock()  # a large picture takes 200 MB while it is drawn

_MARKS: Final = (
    (4, b"ftypM4A", "audio/mp4"),
    (0, b"#!AMR", "audio/amr"),
    (28, b"OpusHead", "audio/ogg"),
    (28, b"\x01vorbis", "audio/ogg"),
    (28, b"\x80theora", "video/ogg"),
)
"""Where puremagic names a container and not what is in it: offset, bytes, type."""
_OFFICE: Final = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_ALIASES: Final = {
    "image/x-ms-bmp": "image/bmp",
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "application/x-gzip": "application/gzip",
    "application/ogg": "audio/ogg",
}
_WEAK: Final = 0.3  # puremagic's confidence in a signature of two or three letters
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_TEXT_SAMPLE: Final = 64 * 1024


def sniff(data: bytes) -> str:
    """The MIME type that the bytes show; `UNKNOWN` when they show none."""
    for offset, mark, mime in _MARKS:
        if data.startswith(mark, offset):
            return mime
    if data.startswith(b"PK\x03\x04"):
        return _zip(data)
    try:
        found = [m for m in puremagic.magic_string(data) if m.mime_type]
    except (puremagic.PureError, ValueError):
        found = []
    if (not found or found[0].confidence < _WEAK) and _is_text(data):
        return "text/plain"
    return _ALIASES.get(mime := found[0].mime_type, mime) if found else UNKNOWN


def _zip(data: bytes) -> str:
    """An office document by the folders in it, else just an archive."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return UNKNOWN
    return next(
        (mime for folder, mime in _OFFICE.items() if any(n.startswith(folder) for n in names)),
        "application/zip",
    )


def _is_text(data: bytes) -> bool:
    if not data or _CONTROLS.search(data):
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def fits(mime: str, types: tuple[str, ...]) -> bool:
    """Whether a sniffed type is one of these (`image/*` is a family). SVG is a page, no picture."""
    return any(
        fnmatch(mime, wanted) and (mime != "image/svg+xml" or wanted in (mime, "*/*"))
        for wanted in types
    )


def preview(data: bytes) -> bytes | None:
    """The picture in WebP, at most `PREVIEW_PX` each way: its first frame, upright, without
    metadata. None for what is no picture, is broken, or has too many pixels."""
    with _ONE_AT_A_TIME:
        try:
            return _drawn(data)
        except Exception:  # noqa: BLE001 - a decoder raises whatever broken bytes lead it to
            return None


def _drawn(data: bytes) -> bytes | None:
    with Image.open(BytesIO(data), formats=_DRAWN) as image:
        if image.width * image.height > MOST_PIXELS:
            return None
        image.draft("RGB", (PREVIEW_PX, PREVIEW_PX))  # a JPEG is read small at once
        mode = "RGBA" if image.has_transparency_data else "RGB"
        seen = image if image.mode == mode else image.convert(mode)
        seen.thumbnail((PREVIEW_PX, PREVIEW_PX))
        upright = ImageOps.exif_transpose(seen)
    upright.info = {}  # nothing of the sender's goes on: place, camera, comments
    drawn = BytesIO()
    upright.save(drawn, "WEBP", quality=82, method=3)
    return drawn.getvalue()


_UNSAFE: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f/\\:*?\"<>|\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+"
)
_MOST_NAME: Final = 120


def safe_name(name: str, mime: str) -> str:
    """A name to save a file under: no path, no control, nothing that turns the reading direction.
    One without a name is named by its type."""
    stem, dot, ending = _UNSAFE.sub(" ", name).strip(" .").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    ending = ending[:12]
    stem = " ".join(stem.split())[: _MOST_NAME - len(ending)]
    if stem:
        return f"{stem}.{ending}" if dot else stem
    kind, _, _ = mime.partition("/")
    kind = kind if kind in ("image", "video", "audio") else "file"
    return kind + (mimetypes.guess_extension(mime) or ".bin")
