"""The audit log on the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from inbox.cli.common import AsJson, Stop, as_json, opened, out, when
from inbox.domain.acts import KINDS
from inbox.flows import auditing as flow
from inbox.store.accounts import brand_zone
from inbox.store.audit_log import Asked
from inbox.store.conversations import BadCursor
from inbox.store.session import Store

app = typer.Typer(help="Who did what when to what.", no_args_is_help=True)

Who = Annotated[str, typer.Option(help="An e-mail address, system, or cli.")]
Kind = Annotated[str, typer.Option(help=f"{', '.join(KINDS)}; or the name of one act.")]
First = Annotated[str, typer.Option("--from", help="First day, like 2026-11-23.")]
Last = Annotated[str, typer.Option("--to", help="Last day, included.")]


@contextmanager
def _asked(who: str, kind: str, first: str, last: str) -> Iterator[tuple[Store, Asked]]:
    with opened() as (_, store):
        with store.read() as session:
            zone = brand_zone(session)
        try:
            yield store, flow.asked(zone, who, kind, first, last)
        except flow.BadDay as e:
            raise Stop(str(e)) from e


@app.command(name="list")
def list_(
    who: Who = "",
    kind: Kind = "",
    first: First = "",
    to: Last = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    json_: AsJson = False,
) -> None:
    """The audit log, newest first. Days are the brand's."""
    with _asked(who, kind, first, to) as (store, wanted), store.read() as session:
        try:
            page = flow.listed(session, wanted, limit, cursor)
        except BadCursor as e:
            raise Stop(str(e)) from e
    acts = [flow.told(one) for one in page.acts]
    if json_:
        as_json({"acts": acts, "next_cursor": page.next_cursor})
        return
    for one in acts:
        about = f"{one['about']} {one['name'] or ''}".strip()
        told = f"{when(one['at'])}  {one['by']}: {one['what']} [{about}]"
        out.print(told, markup=False, highlight=False)
    if page.next_cursor:
        out.print(f"Older: --cursor {page.next_cursor}", style="dim", markup=False)


@app.command()
def export(who: Who = "", kind: Kind = "", first: First = "", to: Last = "") -> None:
    """All of it as CSV on standard output, safe for spreadsheets."""
    with _asked(who, kind, first, to) as (store, wanted):
        for part in flow.csv_lines(store, wanted):
            typer.echo(part, nl=False)
