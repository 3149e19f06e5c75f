"""What makes the product an app on a phone or a desktop: its manifest and its icons."""

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from inbox.web import icons
from inbox.web.desk import door

router = APIRouter()

CACHED = {"Cache-Control": "public, max-age=86400"}
SURFACE = "#ffffff"
COUNTS = {f"unread-{n}.svg": n for n in range(1, 11)}


@router.get("/manifest.webmanifest")
def manifest(request: Request) -> Response:
    """The app's name, its start and its pictures."""
    around = door(request)
    names = (("192", "any"), ("512", "any"), ("mask", "maskable"))
    pictures = [
        {
            "src": f"/icons/{name}.png",
            "sizes": f"{icons.SIZES[name]}x{icons.SIZES[name]}",
            "type": "image/png",
            "purpose": purpose,
        }
        for name, purpose in names
    ]
    mark = {"src": "/static/mark.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    said = {
        "id": "/",
        "name": f"{around.brand} · Replydesk" if around.brand else "Replydesk",
        "short_name": around.brand or "Replydesk",
        "lang": around.locale.replace("_", "-"),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": SURFACE,
        "theme_color": SURFACE,
        "icons": [mark, *pictures],
    }
    return JSONResponse(said, media_type="application/manifest+json")


@router.get("/icons/{icon}")
def icon(icon: str) -> Response:
    """`192.png` and its like, or `unread-3.svg`: the mark with a count."""
    name, _, kind = icon.rpartition(".")
    if kind == "png" and name in icons.SIZES:
        return Response(icons.picture(name), media_type="image/png", headers=CACHED)
    if icon in COUNTS:
        return Response(icons.counted(COUNTS[icon]), media_type="image/svg+xml", headers=CACHED)
    raise HTTPException(404)
