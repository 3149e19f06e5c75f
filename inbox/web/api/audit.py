"""The audit log for programs."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from inbox.domain.ids import BIGGEST_ID
from inbox.flows import auditing as flow
from inbox.store.accounts import brand_zone
from inbox.store.conversations import BadCursor
from inbox.web.api.call import TheCall
from inbox.web.api.conversations import Cursor, Limit, bad_cursor
from inbox.web.api.problems import Problem
from inbox.web.desk import TheDesk

router = APIRouter(prefix="/api/v1", tags=["People"])

Day = Annotated[str, Query(max_length=10, examples=["2026-11-23"])]


class Act(BaseModel):
    """Something that was done."""

    id: int = Field(le=BIGGEST_ID)
    at: datetime
    who: str = Field(description="An e-mail address; `system` (by itself), `cli`.")
    by: str = Field(description="The same as a name.")
    act: str = Field(description="Names the act for programs.", examples=["invite"])
    what: str = Field(description="What was done, in English; instants in UTC.")
    about: str = Field(description="Noun and number.", examples=["conversation:12"])
    name: str | None = Field(description="What it is called now, if it is still there.")
    quote: str | None = Field(description="The reason, or what was written.")
    detail: dict[str, Any] = Field(description="As it was written down; free of secrets.")


class Acts(BaseModel):
    """Acts, newest first."""

    acts: list[Act]
    next_cursor: str | None


@router.get("/audit")
def audit(
    desk: TheDesk,
    _: TheCall,
    who: Annotated[str, Query(max_length=320)] = "",
    kind: Annotated[str, Query(max_length=80, description="A kind, or the name of one act.")] = "",
    first: Annotated[Day, Query(alias="from", description="First day.")] = "",
    to: Annotated[Day, Query(description="Last day, included.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Acts:
    """Who did what when to what, newest first (docs/audit.md). Days are the brand's."""
    with desk.store.read() as session:
        try:
            wanted = flow.asked(brand_zone(session), who, kind, first, to)
            page = flow.listed(session, wanted, limit, cursor)
        except BadCursor as e:
            raise bad_cursor(e) from None
        except flow.BadDay as e:
            raise Problem(422, "day", "No such day", str(e)) from None
    acts = [Act.model_validate(flow.told(one)) for one in page.acts]
    return Acts(acts=acts, next_cursor=page.next_cursor)
