"""API tokens on the command line."""

from datetime import timedelta
from typing import Annotated

import typer

from inbox.cli.common import AsJson, Stop, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.domain.ids import BIGGEST_ID
from inbox.domain.scopes import SCOPES
from inbox.flows import tokens as flow
from inbox.store import tokens as stored
from inbox.store.sql import AnyRow

app = typer.Typer(help="Keys for programs that use the API.", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What uses it.")],
    person: Annotated[str, typer.Option(help="Whose it is: an e-mail address.")],
    scope: Annotated[list[str], typer.Option(help="May be repeated: " + ", ".join(SCOPES))],
    days: Annotated[int | None, typer.Option(help="Ends after so many; else never.")] = None,
    json_: AsJson = False,
) -> None:
    """Make a token and print it: the only time that it is shown."""
    with opened() as (_, store):
        try:
            made = flow.make(
                store,
                email=person,
                name=name,
                scopes=scope,
                lasts=None if days is None else timedelta(days=min(days, 10_000)),
                actor="cli",
                now=utc_now(),
            )
        except flow.TokenInvalid as e:
            raise Stop(e.reason) from e
    if json_:
        as_json({"id": made.id, "token": made.token})
        return
    out.print(f"Token {made.id} of {person} (shown only now):", highlight=False)
    out.print(made.token, highlight=False, soft_wrap=True, markup=False)


@app.command(name="list")
def list_(json_: AsJson = False) -> None:
    """Every token that was not revoked: whose it is, what it may do, when it was used."""
    with opened() as (_, store), store.read() as session:
        rows = stored.listed(session)
    if json_:
        as_json([_json(row) for row in rows])
        return
    if not rows:
        out.print("No token yet. Make one: replydesk tokens add NAME --person … --scope …")
        return
    made = table("Tokens", "id", "name", "person", "scopes", "begins", "last used", "ends", "state")
    for row in rows:
        ends = when(row.expires_at) if row.expires_at else "never"
        state = flow.state_of(row, utc_now())
        scopes = " ".join(row.scopes)
        made.add_row(
            *(str(row.id), row.name, row.email, scopes, f"{row.starts}…"),
            *(when(row.last_used_at), ends, state),
        )
    out.print(made)


@app.command()
def revoke(
    token: Annotated[int, typer.Argument(help="Its number.", min=1, max=BIGGEST_ID)],
) -> None:
    """End a token at once, for good."""
    with opened() as (_, store):
        if not flow.revoke(store, token, actor="cli", now=utc_now()):
            raise Stop(f"There is no working token {token}. See: replydesk tokens list")
    out.print(f"Token {token} has ended.", highlight=False)


def _json(row: AnyRow) -> dict[str, object]:
    names = ("id", "name", "starts", "scopes", "created_at", "last_used_at", "expires_at")
    said = {name: getattr(row, name) for name in names}
    return said | {"person": row.email, "state": flow.state_of(row, utc_now())}
