"""People outside the team, on the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from inbox.cli.common import AsJson, Stop, agent_id, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.domain.contacts import BadNote, BadTag, NotOne
from inbox.domain.ids import BIGGEST_ID
from inbox.domain.search import BadSearch
from inbox.flows import contacts as flow
from inbox.flows import telling
from inbox.store import persons
from inbox.store.conversations import BadCursor
from inbox.store.session import Store

app = typer.Typer(help="Who writes to the brand, on all channels.", no_args_is_help=True)

ContactId = Annotated[int, typer.Argument(help="Its number.", min=1, max=BIGGEST_ID)]


@contextmanager
def _opened() -> Iterator[Store]:
    """The database; nobody of a number, or what cannot be done, stops the command in words."""
    try:
        with opened() as (_, store):
            yield store
    except flow.NoSuchContact as e:
        raise Stop(f"There is no contact {e.args[0]}.") from e
    except (NotOne, BadTag, BadNote, BadSearch, BadCursor) as e:
        raise Stop(str(e)) from e


@app.command(name="list")
def list_(
    search: Annotated[str, typer.Option(help="Words of names, handles, ids or notes.")] = "",
    only: Annotated[str | None, typer.Option(help=" | ".join(persons.MARKS))] = None,
    tag: Annotated[str, typer.Option(help="Only people with this tag.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    json_: AsJson = False,
) -> None:
    """A page of people, the newest first."""
    mark = next((one for one in persons.MARKS if one == only), None)
    if only is not None and mark is None:
        raise Stop(f"--only takes {', '.join(persons.MARKS)}.")
    with _opened() as store, store.read() as session:
        page = flow.listed(session, words=search, mark=mark, tag=tag, limit=limit, cursor=cursor)
    if json_:
        rows = [telling.person(one) for one in page.people]
        as_json({"contacts": rows, "next_cursor": page.next_cursor})
        return
    if not page.people:
        out.print("Nobody is here.")
        return
    made = table("Contacts", "id", "name", "channels", "tags", "last word")
    for one in page.people:
        told = telling.person(one)
        channels = ", ".join(dict.fromkeys(i["channel"] for i in told["identities"]))
        tags = " ".join([*(m for m in persons.MARKS if told[m]), *told["tags"]])
        made.add_row(str(one.id), told["name"], channels, tags, when(page.wrote_last.get(one.id)))
    out.print(made, markup=False)


@app.command()
def show(contact: ContactId, json_: AsJson = False) -> None:
    """One person: identities, tags, notes, and who may be the same."""
    with _opened() as store, store.read() as session:
        person = flow.one(session, contact)
        ids = [one.id for one in person.identities]
        notes = persons.notes(session, ids)
        alike = flow.suggestions(session, person)
    told = telling.person(person)
    told["notes"] = [telling.note(one) for one in notes]
    told["may_be"] = [{"id": one.person.id, "why": list(one.why)} for one in alike]
    if json_:
        as_json(told)
        return
    out.print(f"{told['name']} ({person.id})", style="bold", markup=False)
    for one in told["identities"]:
        names = " ".join(filter(None, (one["name"], one["handle"], one["external_id"])))
        out.print(f"{one['id']}  {one['channel']} {one['account']}: {names}", markup=False)
    for note in told["notes"]:
        out.print(f"{when(note['at'])}  {note['author']}: {note['text']}", markup=False)
    for other in told["may_be"]:
        out.print(f"May be {other['id']}: {', '.join(other['why'])}", markup=False)


@app.command()
def join(contact: ContactId, other: ContactId) -> None:
    """Say that two are one person; `separate` undoes it."""
    with _opened() as store:
        flow.join(store, into=contact, other=other, actor="cli", now=utc_now())
    out.print(f"{other} belongs to {contact} now. Undo: replydesk contacts separate {other}")


@app.command()
def separate(identity: ContactId) -> None:
    """Take an identity out of its person, with those that were joined to it."""
    with _opened() as store:
        head = flow.separate(store, identity=identity, actor="cli", now=utc_now())
    out.print(f"{identity} is apart from {head} again.")


@app.command()
def mark(
    contact: ContactId,
    vip: Annotated[bool | None, typer.Option("--vip/--no-vip")] = None,
    muted: Annotated[bool | None, typer.Option("--mute/--unmute")] = None,
    blocked: Annotated[bool | None, typer.Option("--block/--unblock")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Add it; may be repeated.")] = None,
    untag: Annotated[list[str] | None, typer.Option(help="Remove it; may be repeated.")] = None,
    json_: AsJson = False,
) -> None:
    """VIP, muted, blocked, and tags of a person."""
    now = utc_now()
    wanted: dict[persons.Mark, bool | None] = {"vip": vip, "muted": muted, "blocked": blocked}
    with _opened() as store:
        for name, on in wanted.items():
            if on is not None:
                flow.set_mark(store, contact_id=contact, mark=name, on=on, actor="cli", now=now)
        flow.change_tags(
            store, contact_id=contact, add=tag or (), remove=untag or (), actor="cli", now=now
        )
        with store.read() as session:
            told = telling.person(flow.one(session, contact))
    if json_:
        as_json(told)
    else:
        has = [*(name for name in persons.MARKS if told[name]), *told["tags"]]
        out.print(f"{told['name']}: {', '.join(has) or 'no mark, no tag'}", markup=False)


@app.command()
def note(
    contact: ContactId,
    text: Annotated[str, typer.Argument(help="Its words.")],
    agent: Annotated[str, typer.Option(help="Who writes it: an agent's e-mail address.")],
) -> None:
    """Write down what the team should know of a person."""
    with _opened() as store:
        with store.read() as session:
            who = agent_id(session, agent)
        about: dict[str, Any] = {"author_id": who, "actor": agent, "now": utc_now()}
        number = flow.add_note(store, contact_id=contact, text=text, **about)
    out.print(f"Note {number} is written.")
