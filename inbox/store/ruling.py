"""Routing rules' rows: versions, the messages that they are asked about, and what they did."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Select, func, select, update
from sqlalchemy.orm import Session

from inbox.domain import rules_written
from inbox.domain.promises import Choice
from inbox.domain.rules import POLICY, Rule
from inbox.store import scope
from inbox.store.persons import marked
from inbox.store.sql import AnyRow, insert
from inbox.store.tables import Account, Contact, Conversation, Message, RuleRun, RuleVersion

WAITING, ASKED, DONE, FAILED = "waiting", "asked", "done", "failed"


def versions(session: Session) -> Sequence[RuleVersion]:
    """Every version, oldest first."""
    return session.scalars(select(RuleVersion).order_by(RuleVersion.number)).all()


def newest(session: Session) -> RuleVersion | None:
    return session.scalar(select(RuleVersion).order_by(RuleVersion.number.desc()).limit(1))


def rules(row: RuleVersion | None) -> tuple[Rule, ...]:
    """The rules of a version; none before the first."""
    return rules_written.rules(row.said) if row else ()


def add_version(session: Session, row: dict[str, Any]) -> bool:
    """False when somebody else made this version first."""
    adding = insert(session, RuleVersion).values(**row).on_conflict_do_nothing()
    return session.scalar(adding.returning(RuleVersion.number)) is not None


def fresh(
    session: Session, account: Account, external_ids: Sequence[str], now: datetime
) -> Sequence[AnyRow]:
    """The customers' messages among these that were stored now and written since the account was
    connected: no history."""
    found = _asked().where(
        Message.account_id == account.id,
        Message.external_id.in_(external_ids),
        Message.stored_at == now,
        Message.sent_at >= account.created_at,
    )
    return session.execute(found.order_by(Message.id)).all()


def recent(session: Session, since: datetime, limit: int) -> Sequence[AnyRow]:
    """The newest messages of customers written since then, newest first."""
    found = _asked().where(Message.sent_at >= since, *scope.seen(session))
    return session.execute(
        found.order_by(Message.sent_at.desc(), Message.id.desc()).limit(limit)
    ).all()


def claim(session: Session, row: dict[str, Any]) -> int | None:
    """The id of a run that nobody has made before; None where it was."""
    adding = insert(session, RuleRun).values(**row).on_conflict_do_nothing()
    found: int | None = session.scalar(adding.returning(RuleRun.id))
    return found


def settle(
    session: Session, run_id: int, before: str, after: str, reason: str | None = None
) -> bool:
    """Compare-and-set on the state of a run."""
    moved = session.execute(
        update(RuleRun)
        .where(RuleRun.id == run_id, RuleRun.state == before)
        .values(state=after, reason=reason)
    )
    return isinstance(moved, CursorResult) and moved.rowcount == 1


def to_ask(session: Session) -> Sequence[RuleRun]:
    """Runs for which a platform is still to be asked, oldest first."""
    found = select(RuleRun).where(RuleRun.state == WAITING).order_by(RuleRun.id)
    return session.scalars(found.limit(50)).all()


def name_of(session: Session, run: RuleRun) -> str:
    """What the rule of a run was called then."""
    return _names(session, run.version)[run.rule]


def choices(session: Session, conversation_ids: Sequence[int]) -> dict[int, dict[int, Choice]]:
    """What rules said of policies, by conversation and message."""
    said = select(RuleRun).where(RuleRun.conversation_id.in_(conversation_ids))
    runs = session.scalars(said.where(RuleRun.action == POLICY, RuleRun.state == DONE)).all()
    names = {version: _names(session, version) for version in {run.version for run in runs}}
    found: dict[int, dict[int, Choice]] = {}
    for run in runs:
        choice = Choice(run.value, run.rule, names[run.version][run.rule], run.version)
        found.setdefault(run.conversation_id, {})[run.message_id] = choice
    return found


def _names(session: Session, version: int) -> dict[str, str]:
    """What each rule of a version was called."""
    return {one["id"]: one["name"] for one in session.get_one(RuleVersion, version).said["rule"]}


def counts(session: Session, since: datetime) -> dict[str, int]:
    """Rule → on how many messages it did something since then."""
    found = (
        select(RuleRun.rule, func.count(RuleRun.message_id.distinct()))
        .where(RuleRun.at >= since)
        .group_by(RuleRun.rule)
    )
    return {rule: count for rule, count in session.execute(found)}


def set_tags(session: Session, message_id: int, name: str, value: str) -> None:
    """The category or urgency of a message, by a rule: as if the classifier had been sure."""
    values: dict[str, Any] = {name: value, f"{name}_confidence": None, "outside": False}
    if name == "category":
        values |= {"labels": [value], "alternatives": [], "topic": None, "needs_review": False}
    session.execute(update(Message).where(Message.id == message_id).values(**values))


def _asked() -> Select[Any]:
    found: Select[Any] = (
        select(
            Message.id,
            Message.conversation_id,
            Message.kind,
            Message.text,
            Message.subject,
            Message.category,
            Message.urgency,
            Message.lang,
            Message.findings,
            Message.automated,
            Message.sent_at,
            Message.stored_at,
            Message.visibility,
            Conversation.contact_id,
            Contact.name.label("who"),
            Contact.handle,
            marked("vip").label("vip"),
            Account.channel,
            Account.handle.label("account"),
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .join(Account, Account.id == Message.account_id)
        .where(Message.role == "customer", Message.deleted_at.is_(None))
    )
    return found
