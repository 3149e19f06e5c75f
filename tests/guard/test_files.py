"""A file is what its bytes say, and what is shown of it was drawn by us."""

import zipfile
from io import BytesIO

import pytest
from PIL import Image

from inbox.guard.files import MOST_PIXELS, PREVIEW_PX, UNKNOWN, fits, preview, safe_name, sniff
from tests.pictures import HTML, PDF, SVG, bomb, picture, seen


def colour_at(image: Image.Image, x: int, y: int) -> bytes:
    """Red, green and blue of one point."""
    return image.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes()


def zipped(*names: str) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (picture("GIF"), "image/gif"),
        (picture("WEBP"), "image/webp"),
        (picture("BMP"), "image/bmp"),
        (PDF, "application/pdf"),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(40), "video/mp4"),
        (b"\x00\x00\x00\x1cftypM4A \x00\x00\x00\x00M4A mp42isom" + bytes(40), "audio/mp4"),
        (b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead" + bytes(30), "audio/ogg"),
        (b"#!AMR\n" + bytes(30), "audio/amr"),
        (HTML, "text/html"),
        (SVG, "image/svg+xml"),
        (b"a,b\n1,2\n", "text/plain"),
        ("银行说没有收到退款".encode(), "text/plain"),
        (b"BMW is a make of car", "text/plain"),
        (zipped("readme.txt"), "application/zip"),
        (
            zipped("[Content_Types].xml", "word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (b"PK\x03\x04 and then nothing", UNKNOWN),
        (b"\x00\x01\x02\x03", UNKNOWN),
        (b"", UNKNOWN),
    ],
)
def test_the_type_is_read_from_the_bytes(data: bytes, mime: str) -> None:
    assert sniff(data) == mime


def test_a_type_fits_by_name_or_by_family_but_a_page_is_no_picture() -> None:
    assert fits("image/png", ("image/*",))
    assert fits("image/png", ("image/jpeg", "image/png"))
    assert fits("application/pdf", ("*/*",))
    assert not fits("image/png", ("image/jpeg", "video/*"))
    assert not fits("image/svg+xml", ("image/*",))
    assert not fits("", ("image/*",))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_a_picture_is_drawn_anew_and_small(kind: str) -> None:
    drawn = preview(picture(kind, (2400, 1200)))
    assert drawn is not None
    image = seen(drawn)
    assert (image.format, image.size) == ("WEBP", (PREVIEW_PX, PREVIEW_PX // 2))
    red, green, blue = colour_at(image, 800, 400)
    assert abs(red - 0) < 12
    assert abs(green - 128) < 12
    assert abs(blue - 128) < 12


def test_nothing_that_the_sender_wrote_into_a_picture_is_shown() -> None:
    exif = Image.Exif()
    exif[0x010E] = "the sender's cellar"
    exif[0x0112] = 6  # lies on its side
    photo = picture("JPEG", (60, 20), exif=exif, comment=b"the sender's cellar")
    drawn = preview(photo)
    assert b"cellar" in photo
    assert drawn is not None
    assert b"cellar" not in drawn
    image = seen(drawn)
    assert image.size == (20, 60)
    assert not image.getexif()
    assert not {"exif", "icc_profile", "xmp"} & set(image.info)


def test_of_an_animation_the_first_frame_is_shown() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    made = BytesIO()
    frames[0].save(made, "GIF", save_all=True, append_images=frames[1:], duration=20)
    drawn = preview(made.getvalue())
    assert drawn is not None
    image = seen(drawn)
    assert getattr(image, "n_frames", 1) == 1
    red, _, blue = colour_at(image, 10, 10)
    assert red > 200 > 50 > blue


def test_what_is_seen_through_stays_so() -> None:
    drawn = preview(picture("PNG", mode="RGBA", colour=(0, 0, 0, 0)))
    assert drawn is not None
    assert seen(drawn).convert("RGBA").getchannel("A").getpixel((5, 5)) == 0


@pytest.mark.parametrize(
    "data",
    [
        bomb(),
        bomb(MOST_PIXELS // 1000 + 1, 1000),
        picture("PNG", (400, 400))[:-200],
        picture("JPEG", (400, 400))[:300],
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a" + bytes(8),
        HTML,
        SVG,
        PDF,
        b"",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
    ids=[
        "bomb",
        "large",
        "cut png",
        "cut jpeg",
        "no png",
        "no gif",
        "html",
        "svg",
        "pdf",
        "",
        "ps",
    ],
)
def test_what_cannot_be_drawn_safely_has_no_picture(data: bytes) -> None:
    assert preview(data) is None


@pytest.mark.parametrize(
    ("name", "mime", "safe"),
    [
        ("照片 1.jpg", "image/jpeg", "照片 1.jpg"),
        ("../../etc/passwd", UNKNOWN, "etc passwd"),
        ("C:\\temp\\a.txt", "text/plain", "C temp a.txt"),
        ("a\r\nSet-Cookie: b.txt", "text/plain", "a Set-Cookie b.txt"),
        ("\u202egnp.exe", UNKNOWN, "gnp.exe"),
        ("", "image/png", "image.png"),
        ("...", "application/pdf", "file.pdf"),
        ("", "application/x-unheard-of", "file.bin"),
        ("x" * 500 + ".pdf", "application/pdf", "x" * 117 + ".pdf"),
    ],
)
def test_a_name_is_safe_to_save_under(name: str, mime: str, safe: str) -> None:
    assert safe_name(name, mime) == safe
