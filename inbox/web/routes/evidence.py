"""The evidence pack of a report's days, to download."""

from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO, Any, Final

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import StreamingResponse

from inbox.config import SettingWrong
from inbox.web.auth import Agent
from inbox.web.desk import Desk, TheDesk
from inbox.web.routes.reports import Question, days_of
from reports.editions import edition_for
from reports.evidence.archive import TooLong, pieces
from reports.evidence.pack import Asked, make

router = APIRouter()

ZIP: Final[dict[str, Any]] = {
    "description": "The signed pack (docs/evidence.md).",
    "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
}
"""How the API tells of `pack_of`."""


@router.post("/reports/evidence")
def evidence(desk: TheDesk, agent: Agent, what: Question) -> Response:
    """The clocks of the days with their evidence, signed; those of a stored edition as they were
    known when it was made."""
    days = days_of(desk, what)
    asked = Asked(days.first, days.last, None, what.as_of or desk.now())
    if what.edition is not None:
        kept = edition_for(desk.store.seen_by(frozenset()), days, what.edition)
        if kept is None:
            raise HTTPException(404)
        asked = Asked.of(kept)
    try:
        return pack_of(desk, asked, agent.email)
    except (TooLong, SettingWrong) as e:
        raise HTTPException(422, str(e)) from None


def pack_of(desk: Desk, asked: Asked, actor: str) -> Response:
    """The pack, written to disk and sent piece by piece. Raises `TooLong` and `SettingWrong`."""
    with ExitStack() as unless_made:
        file = unless_made.enter_context(TemporaryFile())
        whole = desk.store.seen_by(frozenset())
        make(whole, desk.settings.evidence_key, asked, file, actor=actor, now=desk.now())
        unless_made.pop_all()
    headers = {
        "Content-Disposition": f'attachment; filename="{asked.file_name}"',
        "Content-Length": str(file.tell()),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_sent(file), media_type="application/zip", headers=headers)


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        yield from pieces(file)
