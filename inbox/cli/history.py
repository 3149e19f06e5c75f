"""A conversation's history on the command line."""

from typing import Annotated

import typer

from inbox.cli.common import AsJson, ConversationId, Stop, as_json, opened, out, when
from inbox.flows import history as flow
from inbox.store import thread
from inbox.store.conversations import BadCursor


def history(
    conversation: ConversationId,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    json_: AsJson = False,
) -> None:
    """Everything that happened in a conversation, newest first."""
    with opened() as (_, store), store.read() as session:
        if not thread.exists(session, conversation):
            raise Stop(f"There is no conversation {conversation}.")
        try:
            page = flow.history(session, conversation, limit, cursor)
        except BadCursor as e:
            raise Stop(str(e)) from e
    facts = [flow.told(line) for line in page.lines]
    if json_:
        as_json({"facts": facts, "next_cursor": page.next_cursor})
        return
    for one in facts:
        out.print(f"{when(one['at'])}  {one['by']}: {one['text']}", markup=False, highlight=False)
        if one["quote"]:
            out.print(f"    {one['quote']}", style="dim", markup=False, highlight=False)
    if page.next_cursor:
        out.print(f"Older: --cursor {page.next_cursor}", style="dim", markup=False)
