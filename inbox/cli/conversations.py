"""Reading conversations on the command line."""

import sys
import uuid
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text
from sqlalchemy.orm import Session

from inbox.cli.common import (
    AsJson,
    ConversationId,
    Stop,
    agent_id,
    as_json,
    opened,
    out,
    table,
    when,
)
from inbox.config import utc_now
from inbox.domain.search import BadSearch
from inbox.flows import notes as writing
from inbox.flows import telling
from inbox.flows.finding import Found, find
from inbox.flows.reply import ReplyInvalid
from inbox.flows.sheets import csv_lines
from inbox.store import agents, drafts, inbox_list, turns, views
from inbox.store import conversations as stored
from inbox.store import notes as written

SHEETS = tuple(view for view in inbox_list.VIEWS if view != "mine")
"""The inbox's views; `mine` is nobody's on a terminal."""

app = typer.Typer(help="The inbox: reading, and notes.", no_args_is_help=True)


@app.command(name="list")
def list_(
    view: Annotated[
        str, typer.Option(help=" | ".join(stored.VIEWS) + ", or the name of a saved view.")
    ] = "all",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    search: Annotated[str | None, typer.Option(help="Words and filters (docs/search.md).")] = None,
    for_: Annotated[
        str | None, typer.Option("--for", help="Whose views and is:mine: an agent's address.")
    ] = None,
    json_: AsJson = False,
) -> None:
    """A page of conversations; `due` and `unassigned` come in the order they fall due, what a
    search finds newest first."""
    built_in = next((one for one in stored.VIEWS if one == view), None)
    if search is not None or built_in is None:
        asked = " ".join(part for part in (search, _FILTER_OF.get(view)) if part)
        _found(asked, "" if built_in else view, limit, cursor, for_, json_)
        return
    with opened() as (_, store), store.read() as session:
        try:
            page = stored.listed(session, built_in, limit, cursor)
        except stored.BadCursor as e:
            raise Stop(str(e)) from e
    if json_:
        rows = [telling.conversation(row) for row in page.rows]
        as_json({"conversations": rows, "next_cursor": page.next_cursor})
        return
    if not page.rows:
        out.print("No conversation here yet. Connect an account, or try: replydesk demo")
        return
    made = table("Conversations", "id", "channel", "customer", "due", "tag", "words")
    for row in page.rows:
        tag = f"{row.category or '–'}/{row.urgency or '–'}"
        name = row.customer_name or row.customer_handle or row.customer_id
        made.add_row(str(row.id), row.channel, name, when(row.due_at), tag, row.preview[:60])
    out.print(made)


_FILTER_OF: dict[str, str] = {
    "due": "is:open",
    "unassigned": "is:open is:unassigned",
    "waiting": "is:waiting",
    "third": "is:third",
    "snoozed": "is:snoozed",
    "resolved": "is:resolved",
    "spam": "is:spam",
    "all": "",
}
"""A view as a search has it."""


def _found(
    search: str, saved: str, limit: int, cursor: str | None, address: str | None, json_: bool
) -> None:
    """A page of what a search finds, or of the saved view of that name (with both, of both)."""
    with opened() as (_, store), store.read() as session:
        me = agent_id(session, address) if address else None
        if saved:
            search = " ".join(part for part in (_query_of(session, saved, me), search) if part)
        try:
            page = find(session, search, now=utc_now(), me=me, limit=limit, cursor=cursor)
        except (BadSearch, stored.BadCursor) as e:
            raise Stop(str(e)) from e
        rows = stored.some(session, [one.conversation_id for one in page.found])
    if json_:
        found = [
            telling.conversation(rows[one.conversation_id]) | _match(one) for one in page.found
        ]
        as_json({"conversations": found, "next_cursor": page.next_cursor})
        return
    if not page.found:
        out.print("Nothing was found.")
        return
    made = table("Found", "id", "channel", "customer", "status", "words")
    for one in page.found:
        row = rows[one.conversation_id]
        name = row.customer_name or row.customer_handle or row.customer_id
        words = Text(row.preview[:60]) if not one.snippet else Text()
        for piece in one.snippet:
            words.append(piece.text, style="bold" if piece.found else "")
        made.add_row(str(row.id), row.channel, name, row.status, words)
    out.print(made)


def _query_of(session: Session, name: str, me: int | None) -> str:
    """The search of a saved view. Raises `Stop`."""
    view = views.named(session, name, me)
    if view is None:
        known = ", ".join((*stored.VIEWS, *(one.name for one in views.visible(session, me))))
        raise Stop(f"There is no view {name}. There are: {known}.")
    return view.query


def _match(one: Found) -> dict[str, Any]:
    """The message that was found; `snippet` in pieces, each with whether it is what was asked."""
    pieces = [{"text": piece.text, "found": piece.found} for piece in one.snippet]
    return {
        "match": {"message_id": one.message_id, "note": one.is_note, "snippet": pieces}
        if pieces
        else None
    }


@app.command()
def export(
    view: Annotated[str, typer.Option(help=" | ".join(SHEETS))] = "all",
    search: Annotated[str, typer.Option(help="Words and filters (docs/search.md).")] = "",
    to: Annotated[Path | None, typer.Option(help="A file; else standard output.")] = None,
) -> None:
    """Conversations as CSV, one row each; no cell is a formula."""
    if view not in SHEETS:
        raise Stop(f"There is no view {view}.")
    with opened() as (settings, store):
        lines = csv_lines(
            store,
            base_url=settings.base_url,
            view=view,
            query=search,
            me=None,
            now=utc_now(),
        )
        try:
            head = next(lines)
            with to.open("w", encoding="utf-8", newline="") if to else nullcontext(sys.stdout) as f:
                for part in chain((head,), lines):
                    f.write(part)
        except BadSearch as e:
            raise Stop(str(e)) from e
        except OSError as e:
            raise Stop(f"{to} cannot be written: {e.strerror}.") from e


@app.command()
def show(conversation: ConversationId, json_: AsJson = False) -> None:
    """One conversation: messages, tags, turns."""
    with opened() as (_, store), store.read() as session:
        row = stored.one(session, conversation)
        if row is None:
            raise Stop(f"There is no conversation {conversation}.")
        messages = stored.messages_of(session, conversation)
        evidence = turns.evidence(session, conversation)
        replies = stored.replies_of(session, conversation)
        notes = written.of_conversation(session, conversation)
    if json_:
        as_json(
            telling.conversation(row)
            | {
                "subject": row.subject,
                "assignee": row.assignee,
                "messages": [telling.message(m) for m in messages],
                "replies": [telling.reply(r) for r in replies],
                "turns": [telling.turn(t, utc_now()) for t in evidence],
                "notes": [telling.team_note(n) for n in notes],
            }
        )
        return
    out.print(
        f"{row.customer_name or row.customer_id} on {row.channel}", style="bold", markup=False
    )
    for message in messages:
        who = message.agent or ("outside" if message.role == "ours" else message.author_name or "")
        out.print(f"{when(message.sent_at)}  {who}: {message.text}", markup=False, highlight=False)
    for note in notes:
        line = f"{when(note.at)}  {note.agent} notes: {note.text}"
        out.print(line, style="yellow", markup=False, highlight=False)


@app.command(name="drafts")
def drafts_(
    agent: Annotated[str, typer.Option(help="Whose: an agent's e-mail address.")],
    json_: AsJson = False,
) -> None:
    """What somebody is writing and has not sent."""
    with opened() as (_, store), store.read() as session:
        found = drafts.listed(session, agent_id(session, agent))
    if json_:
        as_json([telling.draft(row) for row in found])
        return
    made = table(f"Drafts of {agent}", "conversation", "customer", "how", "saved", "words")
    for row in found:
        made.add_row(str(row.conversation_id), row.customer, row.mode, when(row.at), row.words)
    out.print(made, markup=False)


@app.command()
def note(
    conversation: ConversationId,
    text: Annotated[str, typer.Argument(help="The note; @name tells a colleague.")],
    agent: Annotated[str, typer.Option(help="Who writes it: an agent's e-mail address.")],
    json_: AsJson = False,
) -> None:
    """Write a note that only the team sees."""
    with opened() as (_, store):
        with store.read() as session:
            row = stored.one(session, conversation)
            who = agents.signed_up(session, agent)
        if row is None:
            raise Stop(f"There is no conversation {conversation}.")
        if who is None:
            raise Stop(f"No agent has the address {agent}. See: replydesk users add")
        try:
            note_id = writing.write(
                store,
                conversation_id=conversation,
                agent_id=who,
                actor=agent,
                text=text,
                form_key=uuid.uuid4().hex,
                now=utc_now(),
            )
        except ReplyInvalid as e:
            raise Stop(e.reason) from e
    if json_:
        as_json({"note": note_id})
    else:
        out.print(f"Written as {note_id}.")
