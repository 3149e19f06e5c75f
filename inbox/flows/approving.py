"""An answer that waits for approval: let go, or sent back with words.

Whether it waits is decided in the transaction that queues it (`flows.parts.queue_parts`), whatever
brought it there, and the move from there to the outbox is the approval alone (`domain.outbox`): no
way leads past it. Until then it is sent nowhere and ends no wait.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.core.contract import word
from connectors.core.text import clean
from inbox.domain.approval import Approval, may_decide
from inbox.domain.outbox import WAITING
from inbox.flows import drafting
from inbox.store import accounts, approval, audit, events, files, notices, outbox, scope
from inbox.store.session import Store, Within, lock_account
from inbox.store.tables import Message, Reply, User

SETTLED: Final = word("It does not wait for approval any more.")
NOT_YOURS: Final = word("Its author cannot approve it; another lead or an admin can.")
NEWER: Final = word("The customer wrote again since. Read it, then decide.")
SAY_WHY: Final = word("Say in a few words what should change.")
NOBODY: Final = word("Nobody with the address {email} may answer here.")
MOST_WORDS: Final = 500


class CannotDecide(ValueError):
    """`code` is settled, not_yours, crossed (the customer wrote since) or words (none given)."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class UnknownPerson(ValueError):
    """Nobody of that address answers here; the message says so."""


def approve(
    store: Store,
    *,
    outbox_id: int,
    by: User,
    shown: int,
    now: datetime,
) -> int:
    """It leaves, at its time if that is to come; the conversation's id. `shown` is the last message
    on the page of who approves: what the customer wrote after the author looked must stand there.
    Raises `CannotDecide`, `NoResultFound`."""
    with store.write() as session:
        first, rows = _held(session, outbox_id, by)
        newer = _newer(session, first)
        if newer > shown:
            raise CannotDecide("crossed", NEWER)
        later = first.send_at if first.send_at and first.send_at > now else None
        values = {"not_before": later, "send_at": later, "shown": max(newer, first.shown)}
        _move(session, rows, "approved", values)
        _settled(session, first, by, "reply_approved", now)
        about = (first.conversation_id, by.name, "", now)
        notices.tell(session, _author(first, by), "approved", *about)
    return first.conversation_id


def send_back(store: Store, *, outbox_id: int, by: User, words: str, now: datetime) -> int:
    """Its words and files stand in the author's form again, with why; the conversation's id. Raises
    `CannotDecide`, `NoResultFound`."""
    why = " ".join(clean(words).split())[:MOST_WORDS]
    if not why:
        raise CannotDecide("words", SAY_WHY)
    with store.write() as session:
        first, rows = _held(session, outbox_id, by)
        _move(session, rows, "sent_back", {"finished_at": now, "reason": why})
        back = files.unbind(session, [row.id for row in rows], first.agent_id, now)
        drafting.bring_back(
            Within(session),
            conversation_id=first.conversation_id,
            user_id=first.agent_id,
            mode=drafting.mode_of(first),
            text="\n".join(row.text for row in rows if row.text),
            files=back,
            now=now,
        )
        _settled(session, first, by, "reply_sent_back", now, words=why)
        told = _author(first, by)
        notices.tell(session, told, "sent_back", first.conversation_id, by.name, why, now)
    return first.conversation_id


def set_rule(store: Store, wanted: Approval, *, actor: str, now: datetime) -> None:
    """What waits already goes on waiting: only a person lets it go. Raises `NoResultFound`."""
    with store.write() as session:
        brand = accounts.brand(session)
        if brand is None:
            return
        brand.approval_roles = list(wanted.roles)
        brand.approval_findings, brand.approval_own = wanted.findings, wanted.own
        known = approval.askable(session)
        brand.approval_people = [one for one in wanted.people if one in known]
        audit.record(session, actor, "approval", "brand:1", now, **told(session, wanted))


def told(session: Session, rule: Approval) -> dict[str, Any]:
    """The rule as programs are told it: people by address, who has left is left out."""
    known = approval.askable(session)
    people = sorted(known[one][1] for one in rule.people if one in known)
    roles = list(rule.roles)
    return {"roles": roles, "people": people, "findings": rule.findings, "own": rule.own}


def people_of(session: Session, addresses: Iterable[str]) -> tuple[int, ...]:
    """Their ids. Raises `UnknownPerson`."""
    known = {email: id_ for id_, (_, email) in approval.askable(session).items()}
    for address in addresses:
        if address.strip().lower() not in known:
            raise UnknownPerson(NOBODY.format(email=address))
    return tuple(sorted({known[address.strip().lower()] for address in addresses}))


def _held(session: Session, outbox_id: int, by: User) -> tuple[Reply, Sequence[Reply]]:
    """The answer, while it waits and as long as this person is still one who may decide."""
    row = session.get_one(Reply, outbox_id)
    lock_account(session, row.account_id)
    rows = outbox.parts(session, row)
    session.refresh(rows[0])
    role = session.scalar(select(User.role).where(User.id == by.id, User.disabled_at.is_(None)))
    sees = by.id in scope.among(session, row.conversation_id, [by.id])
    author = rows[0].agent_id
    if not (role and sees and may_decide(approval.rule(session), role, by.id, author)):
        raise CannotDecide("not_yours", NOT_YOURS)
    if rows[0].state != WAITING:
        raise CannotDecide("settled", SETTLED)
    return rows[0], rows


def _newer(session: Session, first: Reply) -> int:
    """The newest message of the customer that the author was not shown; 0: none."""
    found = select(Message.id).where(
        Message.conversation_id == first.conversation_id,
        Message.role == "customer",
        Message.id > first.shown,
        Message.deleted_at.is_(None),
    )
    return session.scalar(found.order_by(Message.id.desc()).limit(1)) or 0


def _move(
    session: Session, rows: Sequence[Reply], event: str, values: Mapping[str, object]
) -> None:
    for row in rows:
        if not outbox.move(session, row.id, WAITING, event, attempt=0, **values):
            raise CannotDecide("settled", SETTLED)


def _author(first: Reply, by: User) -> list[int]:
    return [] if first.agent_id == by.id else [first.agent_id]


def _settled(
    session: Session, first: Reply, by: User, action: str, now: datetime, **detail: object
) -> None:
    audit.record(session, by.email, action, f"outbox:{first.id}", now, **detail)
    events.announce(session, "conversation", now, first.conversation_id)
    events.announce(session, "notice", now)
