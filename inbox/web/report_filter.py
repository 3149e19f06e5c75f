"""What a report's address filters by, for its page, its files, its link and the API alike."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Depends, Query
from sqlalchemy.orm import Session

from inbox.web.api.problems import Problem
from inbox.web.desk import TheDesk
from reports.filters import FilterWrong, checked
from templates.filters import EVERYTHING, Filter

Values = list[str] | None


def chosen(
    desk: TheDesk,
    channel: Annotated[Values, Query(description="Only these channels.")] = None,
    account: Annotated[
        Values, Query(description="Only these accounts: channel and handle, as `x @lumen`.")
    ] = None,
    category: Annotated[Values, Query(description="Only these, or `untagged`.")] = None,
    urgency: Annotated[Values, Query(description="Only these, or `untagged`.")] = None,
    language: Annotated[
        Values, Query(description="Only these, of the message that opened the wait, or `unknown`.")
    ] = None,
    team: Annotated[
        Values, Query(description="Only the accounts that these teams serve, or `everyone`.")
    ] = None,
    agent: Annotated[
        Values,
        Query(description="Only the answers of these e-mail addresses, or `outside`."),
    ] = None,
) -> Filter:
    """Refuses what there is not."""
    given = {
        "channel": channel,
        "account": account,
        "category": category,
        "urgency": urgency,
        "language": language,
        "team": team,
        "agent": agent,
    }
    asked = {kind: values for kind, values in given.items() if values}
    if not asked:
        return EVERYTHING
    with desk.store.read() as session:
        return known(session, asked)


def known(session: Session, given: Mapping[Any, Sequence[str]]) -> Filter:
    """The filter of these values; refuses one that there is not."""
    try:
        return checked(session, given)
    except FilterWrong as e:
        raise Problem(422, "filter", "Not valid", str(e)) from None


Chosen = Annotated[Filter, Depends(chosen)]
