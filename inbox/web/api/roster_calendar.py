"""The roster in calendar programs, by program."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from inbox.domain.written import Unclear
from inbox.flows import roster_calendar as flow
from inbox.web.api.call import Once, TheCall, TheOnce
from inbox.web.api.models import Taken
from inbox.web.api.problems import Problem
from inbox.web.desk import Desk, TheDesk
from inbox.web.routes import roster_calendar as routes

router = APIRouter(prefix="/api/v1", tags=["Roster"])

Of = Literal["own", "whole"]


class LinkOf(BaseModel):
    """A link at which a calendar program reads; its address is told once, when it is made."""

    of: Of
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class LinksOf(BaseModel):
    """One's own links."""

    links: list[LinkOf]


class WhichLink(Taken):
    """One's own shifts, or the whole roster."""

    of: Of = "own"


class MadeLink(BaseModel):
    """The address of a fresh link: whoever has it reads."""

    url: str = Field(examples=["https://desk.example/calendar/…/roster.ics"])


class EndedLink(BaseModel):
    """Whether there was a link to end."""

    ended: bool


@router.get("/roster.ics", response_class=Response, responses={200: routes.ICS})
def file(
    desk: TheDesk,
    call: TheCall,
    of: Annotated[Of, Query(description="One's own shifts, or everybody's.")] = "own",
) -> Response:
    """Shifts, absences and holes in cover as a calendar file: two weeks back, half a year ahead."""
    return routes.file(desk, call.person.id, of == "whole")


@router.get("/roster/links")
def links(desk: TheDesk, call: TheCall) -> LinksOf:
    """One's own links at which calendar programs read the roster."""
    with desk.store.read() as session:
        found = flow.links(session, call.person.id)
    return LinksOf(
        links=[
            LinkOf(
                of="whole" if one.whole else "own",
                made_at=one.made_at,
                expires_at=one.expires_at,
                last_used_at=one.last_used_at,
            )
            for one in found
        ]
    )


@router.post("/roster/links", response_model=MadeLink)
def make(once: TheOnce, desk: TheDesk, body: WhichLink) -> Response:
    """A fresh link instead of the one before; it is told in this answer only, so send no
    `Idempotency-Key`."""
    if once.key is not None:
        detail = "A repeated answer would tell the link again: leave the key out."
        raise Problem(400, "no_key_here", "No idempotency key here", detail)
    return once.answer(body, lambda: _make(desk, once, body))


@router.post("/roster/links/end", response_model=EndedLink)
def end(once: TheOnce, desk: TheDesk, body: WhichLink) -> Response:
    """The link stops working at once."""
    me, whole = once.person.email, body.of == "whole"
    return once.answer(
        body,
        lambda: EndedLink(
            ended=flow.end_link(desk.store, email=me, whole=whole, actor=me, now=desk.now())
        ),
    )


def _make(desk: Desk, once: Once, body: WhichLink) -> MadeLink:
    me = once.person.email
    try:
        url = flow.make_link(
            desk.store,
            base_url=desk.settings.base_url,
            email=me,
            whole=body.of == "whole",
            actor=me,
            now=desk.now(),
        )
    except Unclear as e:
        raise Problem(422, "roster", "Not valid", str(e)) from e
    return MadeLink(url=url)
