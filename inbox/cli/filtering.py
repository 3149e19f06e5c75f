"""Which part of the desk a report is of, as options."""

from collections.abc import Sequence
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from inbox.cli.common import Stop
from reports.filters import FilterWrong, checked
from templates.filters import KINDS, Filter

Values = list[str] | None

Channel = Annotated[Values, typer.Option("--channel", help="Only this channel.")]
Account = Annotated[Values, typer.Option("--account", help="Only this one, as 'x @lumen'.")]
Category = Annotated[Values, typer.Option("--category", help="Only this one, or untagged.")]
Urgency = Annotated[Values, typer.Option("--urgency", help="Only this one, or untagged.")]
Language = Annotated[Values, typer.Option("--language", help="Only this one, or unknown.")]
Team = Annotated[Values, typer.Option("--team", help="Only its accounts, or everyone.")]
Agent = Annotated[Values, typer.Option("--agent", help="Only its answers, or outside.")]


def only(session: Session, *values: Sequence[str] | None) -> Filter:
    """The values of each kind, in the order of `KINDS`."""
    given = {kind: some or () for kind, some in zip(KINDS, values, strict=True)}
    try:
        return checked(session, given)
    except FilterWrong as e:
        raise Stop(str(e)) from e
