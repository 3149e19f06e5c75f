"""Who belongs to the team: invitations, roles, shutting someone out and letting them in again."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from inbox.config import Settings
from inbox.flows import hooks
from inbox.flows.keys import hash_password, token_hash
from inbox.flows.people import (
    ROLES,
    LinkUsed,
    PersonInvalid,
    errors_of,
    one_line,
    open_session,
    plain_email,
)
from inbox.store import audit, events, letters, people, roster_links, scope, team, tokens
from inbox.store.session import Store, lock_promises
from inbox.store.tables import Invitation, User

INVITATION_LASTS = timedelta(days=7)


class LastAdmin(ValueError):
    """Without this person nobody could sign in as admin any more."""


def invite(
    store: Store, settings: Settings, *, email: str, role: str, actor: str, now: datetime
) -> str | None:
    """Invites someone, or again: by mail, or, without a mail server, by the link that is returned.

    Raises `PersonInvalid`.
    """
    email = plain_email(email)
    errors = {k: v for k, v in errors_of(email, "-", "-" * 12).items() if k == "email"}
    if role not in ROLES:
        errors["role"] = "unknown"
    if errors:
        raise PersonInvalid(errors)
    with store.write() as session:
        _refuse_known(session, email)
        invitation = team.invite(session, email, role, actor, now, INVITATION_LASTS)
        subject = f"invitation:{invitation}"
        audit.record(session, actor, "invite", subject, now, email=email, role=role)
        if settings.smtp_url is None:
            return invitation_link(session, settings, invitation)
        letters.ask(session, "invitation_id", invitation, now)
    return None


def invite_again(
    store: Store, settings: Settings, *, invitation_id: int, actor: str, now: datetime
) -> str | None:
    """A new link and another 7 days; as `invite`. Raises NoResultFound once it is gone."""
    with store.read() as session:
        known = session.get_one(Invitation, invitation_id)
    return invite(store, settings, email=known.email, role=known.role, actor=actor, now=now)


def withdraw(store: Store, *, invitation_id: int, actor: str, now: datetime) -> bool:
    """The link stops working; False if the invitation is gone already."""
    with store.write() as session:
        gone = team.drop_invitation(session, invitation_id)
        if gone:
            audit.record(session, actor, "invite_withdraw", f"invitation:{invitation_id}", now)
    return gone


def invitation_link(session: Session, settings: Settings, invitation_id: int) -> str:
    """A fresh address at which the invited person joins; the one before stops working."""
    token = secrets.token_urlsafe(32)
    team.give_link(session, invitation_id, token_hash(token))
    return f"{settings.base_url}/join/{token}"


def invitation_of(store: Store, token: str, now: datetime) -> Invitation | None:
    """The invitation that this link opens."""
    with store.read() as session:
        return team.invited(session, token_hash(token), now)


def join(
    store: Store, *, token: str, name: str, password: str, now: datetime, browser: str = ""
) -> str:
    """Makes the invited person and signs in: the session's token.

    Raises `PersonInvalid`, `LinkUsed`.
    """
    name = one_line(name)
    errors = errors_of("a@b", name, password)
    if errors:
        raise PersonInvalid(errors)
    made = hash_password(password)
    with store.write() as session:
        invitation = team.invited(session, token_hash(token), now)
        if invitation is None or not team.drop_invitation(session, invitation.id):
            raise LinkUsed("The link was used already, or is too old.")
        _refuse_known(session, invitation.email)
        user_id = people.add(session, invitation.email, name, invitation.role, made, now)
        audit.record(
            session, invitation.email, "join", f"user:{user_id}", now, role=invitation.role
        )
        return open_session(session, user_id, now, browser)


def change_role(store: Store, *, user_id: int, role: str, actor: str, now: datetime) -> None:
    """Another role, from the next request on; what an auditor had, who answers nobody, is free as
    in `disable`. Raises `PersonInvalid`, `LastAdmin`."""
    if role not in ROLES:
        raise PersonInvalid({"role": "unknown"})
    with store.write() as session:
        lock_promises(session, change=True)
        if role != "admin":
            _keep_an_admin(session, user_id)
        before = session.get_one(User, user_id).role
        team.change(session, user_id, role=role)
        freed = []
        if role == "auditor":
            roster_links.end_all(session, user_id)
            freed = team.release(session, user_id)
            scope.end_leaving(session)
        if before == "admin":  # who saw all sees what their teams serve
            freed += scope.release_unseen(session)
        tell_freed(session, freed, actor, now)
        audit.record(session, actor, "role", f"user:{user_id}", now, before=before, role=role)


def disable(store: Store, *, user_id: int, actor: str, now: datetime) -> int:
    """Shuts a person out at once; what they had and is not resolved has nobody now: how many.

    A clock goes on for a customer whose agent is gone, so somebody else must see it as free.
    Raises `LastAdmin`.
    """
    with store.write() as session:
        _keep_an_admin(session, user_id)
        session.get_one(User, user_id)
        return shut_out(session, user_id, actor=actor, now=now)


def shut_out(session: Session, user_id: int, *, actor: str, now: datetime) -> int:
    """`disable` as a part of something bigger."""
    team.change(session, user_id, disabled_at=now)
    people.close_sessions(session, user_id)
    people.end_resets(session, user_id)
    tokens.revoke_all(session, user_id, now)
    roster_links.end_all(session, user_id)
    freed = team.release(session, user_id)
    scope.end_leaving(session)
    tell_freed(session, freed, actor, now)
    audit.record(session, actor, "disable", f"user:{user_id}", now, released=len(freed))
    return len(freed)


def enable(store: Store, *, user_id: int, actor: str, now: datetime) -> None:
    """Lets a person in again, with password, role and second step as they were."""
    with store.write() as session:
        session.get_one(User, user_id)
        team.change(session, user_id, disabled_at=None)
        audit.record(session, actor, "enable", f"user:{user_id}", now)


def tell_freed(session: Session, freed: list[int], actor: str, now: datetime) -> None:
    """Says of each conversation that it has nobody now: log, open pages and programs."""
    for id_ in freed:
        audit.record(session, actor, "assign", f"conversation:{id_}", now, agent=None)
        hooks.assigned(session, id_, now)
    events.announce_all(session, "conversation", now, freed)


def _keep_an_admin(session: Session, user_id: int) -> None:
    if team.admins(session) == {user_id}:
        raise LastAdmin("This is the last admin who can sign in. Make somebody else admin first.")


def _refuse_known(session: Session, email: str) -> None:
    known = people.by_email(session, email)
    if known is not None and known.password_hash is not None:
        raise PersonInvalid({"known": "known"})
