"""The one private answer that Facebook allows to a comment or a visitor's post, within 7 days.

Facts: Meta's page "Private replies", April 2026. It opens no window: more can be sent, in
Messenger, once the person has answered.
"""

from connectors._graph import Graph, identifier, inner, instant, items, node, text
from connectors._graph_chats import answer_privately
from connectors.core.contract import Outgoing, Sent, rewritten_alike
from connectors.core.errors import Refused, Transient

THREAD_FIELDS = "messages.limit(20){id,message,created_time,from{id}},participants{id}"


def send(graph: Graph, reply: Outgoing) -> Sent:
    if not reply.moves_private:
        raise Refused("Private messages of the Page belong to the channel Messenger.")
    kind = "post_id" if reply.in_reply_to == reply.thread else "comment_id"
    return answer_privately(graph, reply, kind)


def look_up(graph: Graph, reply: Outgoing) -> Sent | None:
    """By the private thread that the comment names; None while it may still be answered so."""
    asked = "can_reply_privately,private_reply_conversation{id}"
    comment = graph.get(node(reply.in_reply_to), fields=asked)
    thread = identifier(inner(comment, "private_reply_conversation"), "id")
    if not thread:
        if comment.get("can_reply_privately") is True:
            return None
        raise Transient("Facebook does not say whether the private answer was sent.")
    found = graph.get(node(thread), fields=THREAD_FIELDS)
    me = identifier(graph.get("/me", fields="id"), "id")
    people = [identifier(p, "id") for p in items(found, "participants") if isinstance(p, dict)]
    person = next((p for p in people if p != me), None)
    messages = [m for m in items(found, "messages") if isinstance(m, dict)]
    for message in messages:
        ours = identifier(inner(message, "from"), "id") == me
        if ours and rewritten_alike(reply.text, text(message, "message")):
            sent_at = instant(message.get("created_time"))
            return Sent(identifier(message, "id"), sent_at, thread=person)
    raise Transient("The comment has a private thread, but this answer is not seen in it.")
