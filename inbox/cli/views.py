"""Saved views on the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

import typer

from inbox.cli.common import AsJson, Stop, agent_id, as_json, opened, out, table
from inbox.config import utc_now
from inbox.domain.ids import BIGGEST_ID
from inbox.domain.search import BadSearch
from inbox.domain.views import COUNT_TO, BadView
from inbox.flows import views as flow
from inbox.flows.views import Who
from inbox.store import views as stored
from inbox.store.session import Store

app = typer.Typer(help="Searches kept under a name.", no_args_is_help=True)

Id = Annotated[int, typer.Argument(help="Its number.", min=1, max=BIGGEST_ID)]
For = Annotated[
    str | None, typer.Option("--for", help="Whose: an agent's e-mail address; else the team's.")
]
Search = Annotated[str, typer.Argument(help="Words and filters (docs/search.md).")]


@app.command(name="list")
def list_(for_: For = None, json_: AsJson = False) -> None:
    """The team's views, and those of a person, with what they hold."""
    with opened() as (_, store), store.read() as session:
        me = agent_id(session, for_) if for_ else None
        rows = stored.visible(session, me)
        counts = [flow.holds(session, view, me or 0, utc_now()) for view in rows]
    if json_:
        told = [
            flow.told(view)
            | {"count": None if n is None else min(n, COUNT_TO), "more": (n or 0) > COUNT_TO}
            for view, n in zip(rows, counts, strict=True)
        ]
        as_json({"views": told})
        return
    made = table("Views", "id", "name", "whose", "holds", "search")
    for view, n in zip(rows, counts, strict=True):
        holds = "–" if n is None else f"{COUNT_TO}+" if n > COUNT_TO else str(n)
        whose = "team" if flow.is_shared(view) else for_ or ""
        made.add_row(str(view.id), view.name, whose, holds, view.query)
    out.print(made if rows else "No view yet. Keep one: replydesk views add NAME SEARCH")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="How the tab is called.")],
    search: Search,
    for_: For = None,
) -> None:
    """Keep a search under a name."""
    with _keeping(for_) as (store, who):
        made = flow.add(store, who, flow.Wanted(name, search, for_ is None), utc_now())
    out.print(f"View {made}.", highlight=False)


@app.command()
def change(
    view: Id,
    name: Annotated[str, typer.Argument(help="How the tab is called.")],
    search: Search,
    for_: For = None,
) -> None:
    """Give a view another name or search."""
    with _keeping(for_) as (store, who):
        flow.change(store, who, view, flow.Wanted(name, search, for_ is None), utc_now())
    out.print("Changed.")


@app.command()
def move(
    view: Id,
    to: Annotated[Literal["up", "down"], typer.Argument(help="Before its neighbour, or behind.")],
    for_: For = None,
) -> None:
    """Put a view elsewhere among the tabs."""
    with _keeping(for_) as (store, who):
        flow.move(store, who, view, -1 if to == "up" else 1, utc_now())
    out.print("Moved.")


@app.command()
def remove(view: Id, for_: For = None) -> None:
    """Take a view out of sight."""
    with _keeping(for_) as (store, who):
        flow.remove(store, who, view, utc_now())
    out.print(f"Removed. Bring it back: replydesk views restore {view}", highlight=False)


@app.command()
def restore(view: Id, for_: For = None) -> None:
    """Bring a removed view back."""
    with _keeping(for_) as (store, who):
        flow.restore(store, who, view, utc_now())
    out.print("It is back.")


@contextmanager
def _keeping(address: str | None) -> Iterator[tuple[Store, Who]]:
    """As that person, or as the operator for the team."""
    with opened() as (_, store):
        who = Who(None, "cli", leads=True)
        if address is not None:
            with store.read() as session:
                who = Who(agent_id(session, address), "cli")
        try:
            yield store, who
        except flow.NoSuchView as e:
            raise Stop(f"{e} See: replydesk views list") from e
        except (BadView, BadSearch) as e:
            raise Stop(str(e)) from e
