"""Outgoing webhooks on the command line."""

import random
from collections.abc import Callable
from typing import Annotated

import typer

from inbox.cli.common import AsJson, Stop, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.domain.hooks import EVENTS
from inbox.domain.ids import BIGGEST_ID
from inbox.flows import endpoints as flow
from inbox.flows import hook_sending
from inbox.store import hooks
from inbox.store.session import Store
from inbox.store.tables import HookDelivery, HookEndpoint

app = typer.Typer(help="Other programs that are told what happens.", no_args_is_help=True)

Id = Annotated[int, typer.Argument(help="Its number.", min=1, max=BIGGEST_ID)]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Where it leads.")],
    event: Annotated[list[str], typer.Option(help="May be repeated: " + ", ".join(EVENTS))],
    form: Annotated[str, typer.Option(help="standard (signed JSON) or slack.")] = "standard",
    words: Annotated[bool, typer.Option(help="Customers' words go along.")] = False,
    json_: AsJson = False,
) -> None:
    """Add a webhook; its address is asked for, its secret printed: the only time."""
    url = typer.prompt("Address (not shown)", err=True, hide_input=True)
    with opened() as (settings, store):
        wanted = flow.Wanted(name, url, event, form, words)
        try:
            made = flow.add(store, settings, wanted, actor="cli", now=utc_now())
        except flow.EndpointInvalid as e:
            raise Stop(e.reason) from e
    if json_:
        as_json({"id": made.id, "secret": made.secret})
        return
    out.print(f"Webhook {made.id}. Its secret (shown only now):", highlight=False)
    out.print(made.secret, highlight=False, soft_wrap=True, markup=False)


@app.command(name="list")
def list_(json_: AsJson = False) -> None:
    """Every webhook: where it leads, what it is told of, how it does."""
    with opened() as (_, store), store.read() as session:
        rows = hooks.endpoints(session)
    if json_:
        as_json([flow.endpoint(row) for row in rows])
        return
    made = table("Webhooks", "id", "name", "address", "form", "events", "state", "last success")
    for row in rows:
        state = f"{row.state}: {row.reason}" if row.reason else row.state
        made.add_row(
            *(str(row.id), row.name, row.url, row.form, " ".join(row.events)),
            *(state, when(row.last_success_at)),
        )
    out.print(made, markup=False)


@app.command()
def show(
    id_: Id,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 30,
    json_: AsJson = False,
) -> None:
    """What was sent to a webhook, newest first, and what came of each try."""
    with opened() as (_, store):
        _known(store, id_)
        found = flow.log(store, id_, limit)
    if json_:
        as_json(found)
        return
    made = table(f"Deliveries of webhook {id_}", "id", "made", "event", "state", "tries", "last")
    for one in found:
        last = one["log"][-1] if one["log"] else {}
        came = last.get("status") or last.get("error") or "–"
        made.add_row(
            *(str(one["id"]), when(one["made_at"]), one["event"], one["state"]),
            *(str(one["tries"]), str(came)),
        )
    out.print(made, markup=False)


@app.command()
def pause(id_: Id) -> None:
    """Send nothing any more."""
    _step(id_, flow.pause, "paused")


@app.command()
def resume(id_: Id) -> None:
    """Go on, also after it was switched off."""
    _step(id_, flow.resume, "active")


@app.command()
def remove(id_: Id) -> None:
    """Delete a webhook and its log."""
    _step(id_, flow.remove, "removed")


@app.command()
def test(id_: Id) -> None:
    """Send a test now, and say what came of it."""
    with opened() as (settings, store):
        _known(store, id_)
        flow.try_out(store, id_, actor="cli", now=utc_now())
        hook_sending.send_due(store, settings, id_, utc_now, random.random)
        (newest,) = flow.log(store, id_, 1)
    last = newest["log"][-1] if newest["log"] else {}
    if newest["state"] != "delivered":
        raise Stop(f"It was not taken: {last.get('status') or last.get('error') or 'it waits'}.")
    out.print(f"It answered {last['status']} in {last['took_ms']} ms.", highlight=False)


@app.command()
def again(delivery: Id) -> None:
    """Send a delivery that has ended again, under its own id."""
    with opened() as (_, store):
        with store.read() as session:
            if session.get(HookDelivery, delivery) is None:
                raise Stop(f"There is no delivery {delivery}. See: replydesk webhooks show ID")
        try:
            flow.again(store, delivery, actor="cli", now=utc_now())
        except flow.NotEnded as e:
            raise Stop(str(e)) from e
    out.print(f"Delivery {delivery} is sent again within seconds.", highlight=False)


def _known(store: Store, id_: int) -> None:
    with store.read() as session:
        if session.get(HookEndpoint, id_) is None:
            raise Stop(f"There is no webhook {id_}. See: replydesk webhooks list")


def _step(id_: int, step: Callable[..., object], state: str) -> None:
    with opened() as (_, store):
        _known(store, id_)
        step(store, id_, actor="cli", now=utc_now())
    out.print(f"Webhook {id_} is {state}.", highlight=False)
