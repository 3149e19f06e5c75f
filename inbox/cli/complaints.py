"""Complaints on the command line."""

from typing import Annotated, Any

import typer

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
from inbox.cli.promises import read_document
from inbox.config import utc_now
from inbox.domain.complaints import snapshot
from inbox.domain.written import Unclear
from inbox.flows import complaints
from inbox.flows.states import CannotMove, ReasonNeeded
from inbox.store import complaints as stored
from inbox.store import conversations
from inbox.store.session import Store

app = typer.Typer(help="Complaints and their deadlines. No legal advice.", no_args_is_help=True)

Agent = Annotated[str, typer.Option(help="Who does it: an agent's e-mail address.")]
Why = Annotated[str, typer.Option(help="Why it is one, or none.")]
FIELDS = (
    *("id", "template", "message_id", "reason", "marked_at", "marked_by", "undone_at", "undone_by"),
    *("undone_why", "final_id", "final_at", "final_by"),
)


@app.command()
def templates(json_: AsJson = False) -> None:
    """What a complaint can be marked with."""
    with opened() as (_, store), store.read() as session:
        found = [snapshot(one) for one in complaints.templates(session)]
    if json_:
        as_json({"templates": found})
        return
    made = table("Templates", "id", "name", "deadlines", "source")
    for one in found:
        within = ", ".join(f"{d['name']} {d['target']}" for d in one["deadlines"])
        made.add_row(one["id"], one["name"], within, one["source"] or "–")
    out.print(made, markup=False)


@app.command()
def show(conversation: ConversationId, json_: AsJson = False) -> None:
    """The complaints of a conversation; their clocks: `replydesk sla explain`."""
    with opened() as (_, store), store.read() as session:
        _check(store, conversation)
        rows = stored.of_conversation(session, conversation)
    if json_:
        as_json([{name: getattr(row, name) for name in FIELDS} for row in rows])
        return
    made = table(f"Complaints of conversation {conversation}", "template", "marked", "why", "end")
    for row in rows:
        end = f"final response: message {row.final_id}" if row.final_id else "open"
        if row.undone_at:
            end = f"none after all: {row.undone_why}"
        marked = f"{when(row.marked_at)} by {row.marked_by}"
        made.add_row(row.template["name"], marked, row.reason, end)
    out.print(made, markup=False)


@app.command()
def mark(
    conversation: ConversationId,
    template: Annotated[str, typer.Argument(help="See `replydesk complaints templates`.")],
    message: Annotated[int, typer.Argument(help="The customer's message, by its number.")],
    reason: Why,
    agent: Agent,
) -> None:
    """Start the deadlines of a template at the time of the customer's message."""
    with opened() as (_, store):
        about = _about(store, conversation, agent)
        _done(
            store,
            lambda: complaints.mark(
                store, template_id=template, message_id=message, reason=reason, **about
            ),
            conversation,
        )


@app.command()
def undo(conversation: ConversationId, reason: Why, agent: Agent) -> None:
    """It was no complaint after all."""
    with opened() as (_, store):
        about = _about(store, conversation, agent)
        _done(store, lambda: complaints.undo(store, reason=reason, **about), conversation)


@app.command()
def final(
    conversation: ConversationId,
    agent: Agent,
    message: Annotated[int, typer.Option(help="The answer, by its number; 0: none was.")] = 0,
) -> None:
    """Say which answer was the final response."""
    with opened() as (_, store):
        about = _about(store, conversation, agent)
        _done(
            store, lambda: complaints.end(store, message_id=message or None, **about), conversation
        )


@app.command(name="set-template")
def set_template(
    file: Annotated[str, typer.Argument(help="A TOML file, or - for standard input.")],
) -> None:
    """Add a template of your own, or replace it."""
    document = read_document(file)
    with opened() as (_, store):
        id_ = complaints.change_template(store, document, actor="cli", now=utc_now())
    out.print(f"Template {id_}.", highlight=False)


@app.command(name="remove-template")
def remove_template(template: str) -> None:
    """Remove a template of your own; complaints that were marked with it keep it."""
    with opened() as (_, store):
        try:
            complaints.remove_template(store, template, actor="cli", now=utc_now())
        except Unclear as e:
            raise Stop(str(e)) from e
    out.print("Removed.")


def _check(store: Store, conversation: int) -> None:
    with store.read() as session:
        if conversations.one(session, conversation) is None:
            raise Stop(f"There is no conversation {conversation}.")


def _about(store: Store, conversation: int, agent: str) -> dict[str, Any]:
    _check(store, conversation)
    with store.read() as session:
        agent_id(session, agent)
    return {"conversation_id": conversation, "actor": agent, "now": utc_now()}


def _done(store: Store, step: Any, conversation: int) -> None:
    try:
        step()
    except (CannotMove, ReasonNeeded) as e:
        raise Stop(str(e)) from e
    with store.read() as session:
        row = conversations.one(session, conversation)
    assert row is not None
    due = when(row.complaint_due_at) if row.complaint_due_at else "no open deadline"
    marked = "a complaint" if row.complaint_id else "no complaint"
    out.print(f"Conversation {conversation}: {marked}, {due}.", highlight=False)
