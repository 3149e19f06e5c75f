"""Imports and exports that were begun on a page, on the command line."""

from typing import Annotated

import typer
from sqlalchemy.exc import NoResultFound

from inbox.cli.common import AsJson, Stop, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.domain.ids import BIGGEST_ID
from inbox.flows import transfers as flow
from inbox.store import transfers as stored

app = typer.Typer(help="Imports and exports of the page.", no_args_is_help=True)

LISTED = 50
TOLD = ("id", "kind", "state", "name", "made_by", "made_at", "done", "total", "counts", "why")


@app.command(name="list")
def list_(json_: AsJson = False) -> None:
    """The newest first, and how far each is."""
    with opened() as (_, store), store.read() as session:
        rows = stored.listed(session, LISTED)
    if json_:
        as_json({"transfers": [{name: getattr(row, name) for name in TOLD} for row in rows]})
        return
    made = table("Imports and exports", "id", "what", "state", "done", "name", "by", "at")
    for row in rows:
        done = f"{row.done} of {row.total}"
        made.add_row(
            str(row.id), row.kind, row.state, done, row.name, row.made_by, when(row.made_at)
        )
    out.print(made, markup=False)


@app.command()
def stop(
    transfer: Annotated[int, typer.Argument(help="Its number.", min=1, max=BIGGEST_ID)],
) -> None:
    """End one; what was imported stays."""
    with opened() as (_, store):
        try:
            stopped = flow.stop(store, transfer, actor="cli", now=utc_now())
        except NoResultFound as e:
            raise Stop(f"There is no transfer {transfer}. See: replydesk transfers list") from e
    if not stopped:
        raise Stop("It is finished already.")
    out.print("Stopped.")
