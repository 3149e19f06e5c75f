"""Answers as Discord takes them (Discord's API documentation, Aug 2026)."""

from connectors.core.contract import Json, Outgoing
from connectors.core.errors import Refused
from connectors.discord.client import Files
from connectors.discord.parse import Key

NONCE = 25  # characters
REQUEST_BYTES = 25 * 1024 * 1024
DESCRIPTION = 1024


def compose(reply: Outgoing, key: Key) -> tuple[Json, Files]:
    """(body, files) of an answer. Nobody is notified but the customer, whatever it says."""
    if sum(len(f.data) for f in reply.files) > REQUEST_BYTES - 64 * 1024:
        raise Refused("Discord takes 25 MB in one message. Send fewer files at once.")
    described = [
        {"id": n, "filename": f.name, "description": f.description[:DESCRIPTION]}
        for n, f in enumerate(reply.files)
    ]
    body = {
        "content": reply.text,
        "message_reference": {"message_id": key.message, "fail_if_not_exists": False},
        "allowed_mentions": {"parse": [], "replied_user": True},
        "nonce": reply.key[:NONCE],
        "enforce_nonce": True,
        **({"attachments": described} if described else {}),
    }
    return body, {f"files[{n}]": (f.name, f.data, f.mime) for n, f in enumerate(reply.files)}
