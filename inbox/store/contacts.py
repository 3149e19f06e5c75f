"""Customers as an account knows them, and the other ids of the same people."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.store.sql import chunks, insert
from inbox.store.tables import Contact, ContactAlias


def first_ids(
    session: Session, account_id: int, groups: Sequence[Sequence[str]], asked: Collection[str]
) -> dict[str, str]:
    """The first id of each of the `asked` ids that is another one of a known person.

    `groups` are ids newly said to be one person, the preferred one first: they are remembered. A
    person whom we know already keeps the id of the contact.
    """
    names = sorted({*asked, *(name for group in groups for name in group)})
    known = _aliases(session, account_id, names)
    stored = _stored(session, account_id, [n for group in groups for n in group])
    for group in groups:
        first = next((known[n] for n in group if n in known), None)
        first = first or next((n for n in group if n in stored), group[0])
        fresh = {name: first for name in group if name != first and known.get(name) != first}
        known |= fresh
        _remember(session, account_id, fresh)
    return {name: known[name] for name in asked if name in known}


def _aliases(session: Session, account_id: int, names: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in chunks(names):
        rows = session.execute(
            select(ContactAlias.alias, ContactAlias.external_id).where(
                ContactAlias.account_id == account_id, ContactAlias.alias.in_(part)
            )
        )
        found |= {alias: external_id for alias, external_id in rows}
    return found


def _stored(session: Session, account_id: int, names: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for part in chunks(names):
        found |= set(
            session.scalars(
                select(Contact.external_id).where(
                    Contact.account_id == account_id, Contact.external_id.in_(part)
                )
            )
        )
    return found


def _remember(session: Session, account_id: int, fresh: dict[str, str]) -> None:
    rows = [{"account_id": account_id, "alias": a, "external_id": x} for a, x in fresh.items()]
    if rows:
        session.execute(insert(session, ContactAlias).on_conflict_do_nothing(), rows)
