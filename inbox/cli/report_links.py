"""Links to reports for people without an account, on the command line."""

from datetime import datetime
from typing import Annotated, Any

import typer

from inbox.cli import clocks, filtering
from inbox.cli.common import AsJson, Stop, as_json, instant_of, opened, out, table, when
from inbox.config import utc_now
from inbox.domain.calendars import local_date
from inbox.domain.ids import BIGGEST_ID
from inbox.flows import report_links as flow
from inbox.store import accounts
from inbox.store import report_links as stored
from reports.sharing import frozen
from templates.periods import Days

Id = Annotated[int, typer.Argument(help="Its number.", min=1, max=BIGGEST_ID)]
ACTOR = "cli"


def share(
    from_: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    to: Annotated[str | None, typer.Option(help="Last day, included.")] = None,
    day: Annotated[str | None, typer.Option("--date", help="One day.")] = None,
    tz: Annotated[str | None, typer.Option(help="Time zone; the brand's by default.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Instant with zone; now by default.")] = None,
    edition: Annotated[
        int | None, typer.Option(help="As it was kept under this number.", min=1, max=BIGGEST_ID)
    ] = None,
    days: Annotated[
        int | None, typer.Option(help="It lasts so long; 7.", min=1, max=flow.LONGEST_DAYS)
    ] = None,
    anew: Annotated[
        int | None, typer.Option(help="Another address for link NUMBER.", min=1, max=BIGGEST_ID)
    ] = None,
    channel: filtering.Channel = None,
    account: filtering.Account = None,
    category: filtering.Category = None,
    urgency: filtering.Urgency = None,
    language: filtering.Language = None,
    team: filtering.Team = None,
    agent: filtering.Agent = None,
    json_: AsJson = False,
) -> None:
    """Make a link at which a report is seen without signing in, and print it: the only time."""
    instant = instant_of(as_of, "--as-of") if as_of else utc_now()
    with opened() as (settings, store):
        about: dict[str, Any] = {"base_url": settings.base_url, "actor": ACTOR, "now": utc_now()}
        try:
            if anew is not None:
                made = flow.renew(store, anew, days, **about)
            else:
                with store.read() as session:
                    brand = accounts.brand(session)
                    only = filtering.only(
                        session, channel, account, category, urgency, language, team, agent
                    )
                if edition is not None:
                    clocks.whole_edition(tz, as_of, only)
                zone = clocks.zone_named(tz or accounts.zone_of(brand))
                asked = clocks.days_of(from_, to, day, local_date(instant, zone))
                report = frozen(store, Days(*asked), zone, instant, edition, only)
                if report is None:
                    raise Stop(clocks.NO_EDITION)
                made = flow.make(store, report, days or flow.DAYS, **about)
        except flow.NoSuchLink as e:
            raise Stop(f"{e} See: replydesk report shares") from e
    if json_:
        as_json({"id": made.id, "url": made.url, "expires_at": made.expires_at})
        return
    out.print(f"Link {made.id}, until {when(made.expires_at)} (shown only now):", highlight=False)
    out.print(made.url, highlight=False, soft_wrap=True, markup=False)


def shares(json_: AsJson = False) -> None:
    """Every link to a report: who made it, until when, how often it was opened."""
    with opened() as (_, store), store.read() as session:
        rows = [flow.told(one, utc_now()) for one in stored.listed(session)]
    if json_:
        as_json(rows)
        return
    if not rows:
        out.print("No report is shared. Share one: replydesk report share --date …")
        return
    made = table("Links to reports", "id", "days", "by", "until", "state", "opened", "last")
    for row in rows:
        span = " – ".join(dict.fromkeys((str(row["from"]), str(row["to"]))))
        last: datetime | None = row["opened_at"]
        made.add_row(
            *(str(row["id"]), span, row["made_by"], when(row["expires_at"]), row["state"]),
            *(str(row["opened"]), when(last) if last else "never"),
        )
    out.print(made, markup=False)


def unshare(
    link: Id,
    undo: Annotated[bool, typer.Option("--undo", help="Let it work again.")] = False,
) -> None:
    """End a link to a report at once; `--undo` takes that back."""
    move = flow.restore if undo else flow.revoke
    with opened() as (_, store):
        try:
            move(store, link, actor=ACTOR, now=utc_now())
        except flow.NoSuchLink as e:
            raise Stop(f"{e} See: replydesk report shares") from e
    out.print(f"Link {link} {'works again' if undo else 'has ended'}.", highlight=False)
