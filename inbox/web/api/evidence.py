"""The evidence pack for programs."""

from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Query, Response

from inbox.config import SettingWrong
from inbox.domain.ids import BIGGEST_ID
from inbox.web.api.call import TheCall
from inbox.web.api.desk_routes import check_period
from inbox.web.api.models import Day, Instant
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import TheDesk
from inbox.web.routes.evidence import ZIP, pack_of
from reports.editions import edition_for
from reports.evidence.archive import TooLong
from reports.evidence.pack import Asked
from templates.periods import Days

router = APIRouter(prefix="/api/v1", tags=["Reports"])


@router.get("/reports/evidence", responses={200: ZIP}, response_class=Response)
def evidence(
    desk: TheDesk,
    call: TheCall,
    first: Annotated[Day, Query(alias="from", description="First day.")],
    to: Annotated[Day, Query(description="Last day, included.")],
    tz: Annotated[str | None, Query(description="Time zone; the brand's if left out.")] = None,
    as_of: Annotated[Instant | None, Query(description="Now if left out.")] = None,
    edition: Annotated[
        int | None,
        Query(ge=1, le=BIGGEST_ID, description="As it is kept under this number, in its zone."),
    ] = None,
) -> Response:
    """A period's clocks with their evidence, as a signed zip that recomputes to its figures."""
    instant = as_of or desk.now()
    check_period(first, to, tz, instant)
    asked = Asked(first, to, tz, instant.astimezone(UTC))
    if edition is not None:
        if tz or as_of:
            raise Problem(422, "period", "Not valid", "An edition has its zone and instant.")
        kept = edition_for(desk.store.seen_by(frozenset()), Days(first, to), edition)
        if kept is None:
            raise not_found("edition")
        asked = Asked.of(kept)
    try:
        return pack_of(desk, asked, call.person.email)
    except TooLong as e:
        raise Problem(422, "period", "Not valid", str(e)) from None
    except SettingWrong as e:
        raise Problem(422, "key", "Cannot sign", str(e)) from None
