"""Reading conversations on the command line."""

from typing import Annotated, Any, get_args

import typer

from inbox.cli.common import AsJson, ConversationId, Stop, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.flows.refold import verdict
from inbox.store import conversations as stored
from inbox.store import turns
from inbox.store.sql import AnyRow
from inbox.store.tables import TurnRow

app = typer.Typer(help="The inbox, for reading.", no_args_is_help=True)


@app.command(name="list")
def list_(
    view: Annotated[stored.View, typer.Option(help=" | ".join(get_args(stored.View)))] = "all",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    json_: AsJson = False,
) -> None:
    """A page of conversations; `due` and `unassigned` come in the order they fall due."""
    with opened() as (_, store), store.read() as session:
        try:
            page = stored.listed(session, view, limit, cursor)
        except stored.BadCursor as e:
            raise Stop(str(e)) from e
    if json_:
        as_json(
            {"conversations": [row_json(r) for r in page.rows], "next_cursor": page.next_cursor}
        )
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
    if json_:
        as_json(
            row_json(row)
            | {
                "subject": row.subject,
                "assignee": row.assignee,
                "messages": [_message_json(m) for m in messages],
                "replies": [
                    {"id": r.id, "state": r.state, "text": r.text, "reason": r.reason}
                    for r in replies
                ],
                "turns": [turn_json(t) for t in evidence],
            }
        )
        return
    out.print(
        f"{row.customer_name or row.customer_id} on {row.channel}", style="bold", markup=False
    )
    for message in messages:
        who = message.agent or ("outside" if message.role == "ours" else message.author_name or "")
        out.print(f"{when(message.sent_at)}  {who}: {message.text}", markup=False, highlight=False)


def row_json(row: AnyRow) -> dict[str, Any]:
    """A conversation as DESIGN §6 has it."""
    return {
        "id": row.id,
        "channel": row.channel,
        "account": row.account,
        "customer": {
            "id": row.customer_id,
            "handle": row.customer_handle,
            "name": row.customer_name,
        },
        "category": row.category,
        "category_confidence": row.category_confidence,
        "urgency": row.urgency,
        "urgency_confidence": row.urgency_confidence,
        "labels": row.labels,
        "outside": row.outside,
        "topic": row.topic,
        "tone": row.tone,
        "lang": row.lang,
        "status": row.status,
        "due_at": row.due_at,
        "last_message_at": row.last_message_at,
        "preview": row.preview,
    }


def turn_json(turn: TurnRow) -> dict[str, Any]:
    """A turn with its evidence; `opened_by` and `ended_by` are numbers of messages."""
    now = utc_now()
    until = turn.ended_at or now
    return {
        "seq": turn.seq,
        "episode": turn.episode,
        "first": turn.is_first,
        "opened_by": turn.opened_by,
        "opened_at": turn.opened_at,
        "due_at": turn.due_at,
        "ended_by": turn.ended_by,
        "ended_at": turn.ended_at,
        "end": turn.end,
        "reason": turn.reason,
        "outside": turn.outside,
        "verdict": verdict(turn, now),
        "used_s": max(0.0, (until - turn.opened_at).total_seconds()),
        "internal_due_at": turn.internal_due_at,
        "policy": turn.policy,
        "calendar": turn.calendar,
        "evaluated_at": turn.evaluated_at,
    }


def _message_json(row: AnyRow) -> dict[str, Any]:
    names = (
        "id",
        "external_id",
        "direction",
        "role",
        "kind",
        "visibility",
        "text",
        "sent_at",
        "stored_at",
        "edited_at",
        "deleted_at",
        "automated",
        "agent",
        "category",
        "urgency",
        "topic",
        "tone",
        "lang",
    )
    said = {name: getattr(row, name) for name in names}
    author = {"id": row.author_id, "handle": row.author_handle, "name": row.author_name}
    return said | {"author": author if row.author_id else None}
