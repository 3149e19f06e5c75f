"""The brand on the command line: name, time zone, language, and when reports are made."""

from typing import Annotated

import typer

from inbox.cli.common import AsJson, Stop, as_json, opened, out
from inbox.config import utc_now
from inbox.flows.branding import BrandChange, BrandInvalid, change_brand
from inbox.store import accounts


def brand(
    name: Annotated[str | None, typer.Option()] = None,
    zone: Annotated[str | None, typer.Option(help="For example Europe/Lisbon.")] = None,
    locale: Annotated[str | None, typer.Option(help="Of reports: en or zh_Hans_CN.")] = None,
    report_at: Annotated[str | None, typer.Option(help="Local time of reports, HH:MM.")] = None,
    target: Annotated[
        float | None, typer.Option(help="The promise is kept from this share on, 0 to 1.")
    ] = None,
    two_step: Annotated[
        list[str] | None,
        typer.Option(help="A role that must have a second step; repeat, or `none`."),
    ] = None,
    undo: Annotated[
        int | None, typer.Option(help="Seconds in which an answer can be taken back; 0: none.")
    ] = None,
    json_: AsJson = False,
) -> None:
    """Show the brand, or change what is given."""
    roles = [] if two_step == ["none"] else two_step
    wanted = BrandChange(name, zone, locale, report_at, target, roles, undo)
    with opened() as (_, store):
        try:
            if wanted != BrandChange():
                change_brand(store, wanted, actor="cli", now=utc_now())
        except BrandInvalid as e:
            raise Stop(str(e)) from e
        with store.read() as session:
            row = accounts.brand(session)
    if row is None:
        raise Stop("There is no brand yet. Create it with the link that `replydesk run` prints.")
    said = {
        "name": row.name,
        "zone": row.zone,
        "locale": row.locale,
        "report_at": row.report_at,
        "target": row.target_share,
        "two_step": row.two_step_roles,
        "undo": row.undo_s,
    }
    if json_:
        as_json(said)
        return
    for key, value in said.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        out.print(f"{key:<11} {shown}", highlight=False, markup=False)
