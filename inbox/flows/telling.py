"""What programs are told of conversations, turns, replies and accounts: one form, on the command
line and in the API.

Instants stay aware datetimes; who writes JSON writes them in ISO 8601.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from connectors.core.registry import UnknownChannel
from inbox.flows import health, pacing, reconcile
from inbox.flows.models import Version
from inbox.flows.refold import verdict
from inbox.store import accounts
from inbox.store.persons import Person
from inbox.store.sql import AnyRow
from inbox.store.tables import Account, Reply, TurnRow

_CONVERSATION = (
    *("category", "category_confidence", "urgency", "urgency_confidence", "labels", "outside"),
    *("topic", "tone", "lang", "status"),
    *("due_at", "back_at", "last_message_at", "preview", "complaint_due_at"),
    *("internal_due_at", "window_closes_at"),
)
_MESSAGE = (
    *("id", "external_id", "direction", "role", "kind", "visibility", "text", "sent_at"),
    *("stored_at", "edited_at", "deleted_at", "automated", "agent", "category", "urgency"),
    *("topic", "tone", "lang"),
)
_ACCOUNT = (
    *("id", "channel", "handle", "state", "base_url", "last_success_at", "not_before"),
    *("failures", "last_error"),
)
_REPLY = ("id", "state", "text", "reason")
_VERSION = ("version", "state", "serves", "whole", "made_at", "made_by", "corrections")


def conversation(row: AnyRow) -> dict[str, Any]:
    """A conversation of a list (a row of `store.conversations`)."""
    customer = {"id": row.customer_id, "handle": row.customer_handle, "name": row.customer_name}
    known = {"id": row.id, "channel": row.channel, "account": row.account, "customer": customer}
    return known | _named(row, _CONVERSATION)


def message(row: AnyRow) -> dict[str, Any]:
    """A message with its author; `agent` is the e-mail address of who wrote it here."""
    author = {"id": row.author_id, "handle": row.author_handle, "name": row.author_name}
    others = [{"address": a, "name": n} for a, n in row.platform.get("others", ())]
    told = _named(row, _MESSAGE) | {"others": others}
    return told | {"author": author if row.author_id else None}


def turn(row: TurnRow, now: datetime) -> dict[str, Any]:
    """A turn with its evidence; `opened_by` and `ended_by` are numbers of messages."""
    until = row.ended_at or now
    return {
        "seq": row.seq,
        "episode": row.episode,
        "first": row.is_first,
        "opened_by": row.opened_by,
        "opened_at": row.opened_at,
        "due_at": row.due_at,
        "ended_by": row.ended_by,
        "ended_at": row.ended_at,
        "end": row.end,
        "reason": row.reason,
        "outside": row.outside,
        "verdict": verdict(row, now),
        "used_s": max(0.0, (until - row.opened_at).total_seconds()),
        "internal_due_at": row.internal_due_at,
        "policy": row.policy,
        "calendar": row.calendar,
        "evaluated_at": row.evaluated_at,
    }


def reply(row: Reply) -> dict[str, Any]:
    """A row of the outbox."""
    return _named(row, _REPLY)


def team_note(row: AnyRow) -> dict[str, Any]:
    """A note of the team; `told` are the addresses of whom it mentions."""
    told = {"told": [email for _, email in row.told]}
    return _named(row, ("id", "agent", "text", "at")) | told


def draft(row: AnyRow) -> dict[str, Any]:
    """What somebody is writing."""
    return {
        "conversation_id": row.conversation_id,
        "visibility": row.mode,
        "text": row.words,
        "at": row.at,
    }


def account(row: Account) -> dict[str, Any]:
    """An account of a list."""
    return _named(row, _ACCOUNT)


def account_whole(session: Session, row: Account, now: datetime) -> dict[str, Any]:
    """An account: health, quota, cost, and of each stream from when to when it is complete."""
    try:
        listed = reconcile.listed_streams(row)
        usd = pacing.estimate(session, row, now)
    except UnknownChannel:  # of an import
        listed, usd = (), None
    return account(row) | {
        "level": health.level_of(row, now),
        "missing": row.missing,
        "budgets": row.budgets,
        "expires_at": row.expires_at,
        "usd_a_day": usd,
        "streams": {
            place.stream: {
                "complete_from": place.complete_from,
                "complete_to": place.complete_to,
            }
            for place in accounts.cursors(session, row.id)
            if place.stream in listed
        },
    }


def version(one: Version) -> dict[str, Any]:
    """A version of the classifier's model, with what its training measured."""
    return _named(one, _VERSION) | {"gate": one.gate, "scores": one.scores}


def _named(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def person(row: Person) -> dict[str, Any]:
    """A person outside the team, with every identity."""
    names = [one.name or one.handle for one in row.identities if one.name or one.handle]
    return {
        "id": row.id,
        "name": (names or [row.identities[0].external_id])[0],
        "vip": row.has("vip"),
        "muted": row.has("muted"),
        "blocked": row.has("blocked"),
        "tags": list(row.tags),
        "identities": [
            {
                "id": one.id,
                "channel": one.channel,
                "account": one.account_handle,
                "external_id": one.external_id,
                "handle": one.handle,
                "name": one.name,
                "joined_at": one.joined_at,
                "joined_by": one.joined_by,
            }
            for one in row.identities
        ],
    }


def note(row: AnyRow) -> dict[str, Any]:
    """What somebody of the team wrote down about a person."""
    return {
        "id": row.id,
        "text": row.text,
        "author": row.email,
        "at": row.created_at,
        "edited_at": row.edited_at,
    }
