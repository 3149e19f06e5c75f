"""From rows to the admins' pages about people."""

from datetime import datetime
from typing import Any

from sqlalchemy.exc import NoResultFound

from inbox.flows.people import ROLES
from inbox.flows.profile import places
from inbox.store import accounts, people, team
from inbox.store.session import Store
from inbox.store.tables import Invitation, Letter, User
from inbox.web.pages import Frame, Person, initials
from inbox.web.pages_people import Invited, Member, PeoplePage, PersonPage


def people_page(store: Store, frame: Frame, **more: Any) -> PeoplePage:
    """`/people`; `more` are further fields of the page."""
    with store.read() as session:
        brand = accounts.brand(session)
        required = tuple(brand.two_step_roles) if brand else ()
        invited = tuple(_invited(*one) for one in team.invitations(session))
    found = members(store)
    return PeoplePage(frame, found, invited, ROLES, required, **more)


def person_page(store: Store, frame: Frame, user_id: int, now: datetime, **more: str) -> PersonPage:
    """`/people/{id}`. Raises NoResultFound."""
    found = next((one for one in members(store) if one.id == user_id), None)
    if found is None:
        raise NoResultFound
    return PersonPage(frame, found, tuple(places(store, user_id, now)), ROLES, **more)


def members(store: Store) -> tuple[Member, ...]:
    """Who can sign in by e-mail, then who is shut out, then names from imports."""
    with store.read() as session:
        rows = people.everyone(session)
        seen = team.last_seen(session)
        busy = team.has_now(session, [row.id for row in rows])
    found = [_member(row, seen.get(row.id), busy.get(row.id, 0)) for row in rows]
    return tuple(sorted(found, key=lambda one: (not one.signs_in, one.disabled_at is not None)))


def _member(row: User, seen_at: datetime | None, conversations: int) -> Member:
    return Member(
        row.id,
        Person(row.name, initials(row.name), row.email, row.id),
        row.email,
        row.role,
        row.password_hash is not None,
        row.disabled_at,
        row.totp_since is not None,
        seen_at,
        conversations,
    )


def _invited(row: Invitation, letter: Letter | None) -> Invited:
    mail = "" if letter is None else "refused" if letter.error else "waits"
    why = letter.error or "" if letter else ""
    return Invited(row.id, row.email, row.role, row.expires_at, mail, why)
