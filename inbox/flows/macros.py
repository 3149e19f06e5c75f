"""Macros: actions under a name, written by leads, run by everybody who answers."""

from datetime import datetime
from typing import Any

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain import actions as rules
from inbox.domain.actions import Actions, BadActions
from inbox.flows import acting
from inbox.flows.answers import By, NotYours
from inbox.guard.secrets import mask_all
from inbox.store import acting as stored
from inbox.store import answers, audit
from inbox.store.session import Store
from inbox.store.tables import Macro


def add(store: Store, name: str, actions: Actions, *, by: By, now: datetime) -> int:
    """A new macro's number. Raises `BadActions`, `NotYours`."""
    with store.write() as session:
        values = _checked(session, name, actions, by)
        row = Macro(changed_at=now, changed_by=by.email, **values)
        session.add(row)
        session.flush()
        audit.record(session, by.email, "macro_add", f"macro:{row.id}", now, **values)
    return row.id


def change(
    store: Store, macro_id: int, name: str, actions: Actions, *, by: By, now: datetime
) -> None:
    """Writes it anew, and brings it back if it was removed. Raises `BadActions`, `NotYours`,
    `NoResultFound`."""
    with store.write() as session:
        values = _checked(session, name, actions, by)
        row = session.get_one(Macro, macro_id)
        row.name, row.actions = values["name"], values["actions"]
        row.changed_at, row.changed_by, row.removed_at = now, by.email, None
        audit.record(session, by.email, "macro_change", f"macro:{macro_id}", now, **values)


def remove(store: Store, macro_id: int, *, by: By, now: datetime) -> None:
    """Takes it out of every list; saving it brings it back. Raises `NotYours`, `NoResultFound`."""
    if not by.leads:
        raise NotYours
    with store.write() as session:
        row = session.get_one(Macro, macro_id)
        if row.removed_at is None:
            row.removed_at, row.changed_by = now, by.email
            audit.record(session, by.email, "macro_remove", f"macro:{macro_id}", now)


def run(
    store: Store,
    macro_id: int,
    *,
    conversation_id: int,
    by: By,
    shown: int,
    key: str,
    now: datetime,
) -> int:
    """Does what the macro says to a conversation; the run's number. Raises `acting.Refused`,
    `NoResultFound`."""
    with store.read() as session:
        row = stored.macro(session, macro_id)
    if row is None or row.removed_at is not None:
        raise NoResultFound
    return acting.run(
        store,
        conversation_id=conversation_id,
        actions=rules.read(row.actions),
        name=row.name,
        by=by,
        shown=shown,
        key=key,
        now=now,
        macro_id=macro_id,
    )


def _checked(session: Session, name: str, actions: Actions, by: By) -> dict[str, Any]:
    """As it is stored, card numbers masked."""
    if not by.leads:
        raise NotYours
    right = rules.checked(actions)
    row = answers.one(session, right.answer) if right.answer else None
    is_teams = row is not None and row.removed_at is None and row.owner == answers.TEAM
    if right.words or (right.answer and not is_teams):
        raise BadActions(word("A macro sends an answer of the team."))
    values: dict[str, Any] = mask_all(
        {"name": rules.name_of(name), "actions": rules.document(right)}
    )
    return values
