"""Routing rules at work: asked once about each message that has just come in.

They are asked in the transaction that stores the message, when it is tagged and clocked. Every
action of a rule on a message is a row that is unique, so nothing is done twice, whatever comes
again. What asks a platform (hide) waits as a row for `flows.hiding`. History (an import, what was
written before an account was connected) is asked about nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connectors.core.capabilities import Act as Moderation
from connectors.core.contract import word
from connectors.core.registry import capabilities, channels
from inbox.domain import roster as duty
from inbox.domain import rules as domain
from inbox.domain.contacts import BadTag
from inbox.domain.rules import Act, Facts
from inbox.domain.rules_written import filled, spoken_name
from inbox.domain.search import search_text
from inbox.flows import contacts, rule_people
from inbox.flows.refold import refold
from inbox.flows.reply import ReplyInvalid, queue_automated
from inbox.store import accounts, audit, people, persons, promises
from inbox.store import roster as stored_roster
from inbox.store import ruling as stored
from inbox.store.session import Within
from inbox.store.sql import AnyRow
from inbox.store.tables import Account, Conversation

SYSTEM: Final = "system"
TOO_LATE: Final = timedelta(hours=1)
"""A message that reached us so late is not acknowledged: it would say nothing but that."""
JUDGED_BY: Final = (domain.CATEGORY, domain.URGENCY, domain.POLICY)
"""What a clock follows from; so it is done first."""
NO_HIDING = word("The platform cannot hide this message.")


def run(session: Session, account: Account, external_ids: Sequence[str], now: datetime) -> None:
    """Asks the rules about messages that were stored and folded in this transaction."""
    version = stored.newest(session) if account.state != accounts.IMPORTED else None
    rules = [rule for rule in stored.rules(version) if rule.on]
    if version is None or not rules:
        return
    rows = stored.fresh(session, account, external_ids, now)
    if not rows:
        return
    zone = accounts.brand_zone(session)
    asks_roster = any(rule.conditions.off_duty is not None for rule in rules)
    off_duty = asks_roster and not duty.on_duty(stored_roster.load(session, now), now)
    tags = persons.tags_of_people(session, {row.contact_id for row in rows})
    todo = [
        (run_id, row, act)
        for row in rows
        for act in domain.decide(rules, facts(row, tags, zone, off_duty))
        if (run_id := _claim(session, row, act, version.number, now)) is not None
    ]
    judged = [one for one in todo if one[2].name in JUDGED_BY]
    for run_id, row, act in judged:
        failed = _judge(session, row, act)
        _end(session, run_id, row, act, now, failed)
    if judged:
        refold(session, sorted({row.conversation_id for _, row, _ in judged}), now)
    rest = [one for one in todo if one[2].name not in JUDGED_BY]
    told: dict[int, frozenset[int]] = {}
    for run_id, row, act in sorted(rest, key=lambda one: one[2].name != domain.TAG):
        if act.name == domain.NOTIFY:
            before = told.get(row.id, frozenset())
            seers, failed = rule_people.notify(session, row, act, before, now)
            told[row.id] = before | seers
        else:
            failed = _do(session, account, row, act, version.made_by, now)
        _end(session, run_id, row, act, now, failed)


def facts(row: AnyRow, tags: dict[int, frozenset[str]], zone: str, off_duty: bool) -> Facts:
    """What the rules are asked about a row of `store.ruling`."""
    return Facts(
        channel=row.channel,
        account=f"{row.channel}/{row.account}",
        text=search_text(row.subject, row.text),
        local=row.stored_at.astimezone(ZoneInfo(zone)).time(),
        category=row.category,
        urgency=row.urgency,
        language=row.lang,
        contact_tags=tags.get(row.contact_id, frozenset()),
        findings=frozenset(one["kind"] for one in row.findings),
        vip=bool(row.vip),
        off_duty=off_duty,
    )


def _claim(session: Session, row: AnyRow, act: Act, version: int, now: datetime) -> int | None:
    """The run of this action on this message, which is then ours to do; None where it was done."""
    made: dict[str, Any] = {
        "rule": act.rule.id,
        "version": version,
        "message_id": row.id,
        "conversation_id": row.conversation_id,
        "action": act.name,
        "value": act.value,
        "state": stored.DONE,
        "at": now,
    }
    return stored.claim(session, made)


def _judge(session: Session, row: AnyRow, act: Act) -> str | None:
    """Tags the message; or sees whether there is the policy: the run itself is what chooses it."""
    if act.name != domain.POLICY:
        stored.set_tags(session, row.id, act.name, act.value)
        return None
    is_known = any(one.id == act.value for one in promises.choosable(session))
    return None if is_known else word("There is no such promise of an answer any more.")


def _tag(session: Session, row: AnyRow, act: Act, now: datetime) -> str | None:
    try:
        contacts.change_tags(
            Within(session), contact_id=row.contact_id, add=[act.value], actor=SYSTEM, now=now
        )
    except BadTag as e:
        return str(e)
    return None


def _do(
    session: Session, account: Account, row: AnyRow, act: Act, made_by: str, now: datetime
) -> str | None:
    """Tags the customer (first of all: the policy may follow), assigns, acknowledges, or lets hide;
    why it cannot be done."""
    if act.name == domain.TAG:
        return _tag(session, row, act, now)
    if act.name == domain.ASSIGN:
        return rule_people.assign(session, row, act, now)
    if act.name == domain.ACKNOWLEDGE:
        return _acknowledge(session, row, act, made_by, now)
    return None if _hides(account, row) else NO_HIDING


def _end(
    session: Session, run_id: int, row: AnyRow, act: Act, now: datetime, failed: str | None
) -> None:
    """What could not be done is noted with the reason; hiding is still to be done."""
    state = stored.FAILED if failed else stored.WAITING if act.name == domain.HIDE else stored.DONE
    if state != stored.DONE:
        stored.settle(session, run_id, stored.DONE, state, failed)
    _log(session, row, act, now, failed)


def _acknowledge(
    session: Session, row: AnyRow, act: Act, made_by: str, now: datetime
) -> str | None:
    """Only the message that opens a wait is acknowledged, once, and soon."""
    conversation = session.get_one(Conversation, row.conversation_id)
    session.refresh(conversation)
    if conversation.opened_by != row.id or conversation.due_at is None:
        return word("It does not open a wait.")
    if row.automated or persons.quiet(session, [conversation.id]):
        return word("Nobody reads an acknowledgement there.")
    if now - row.sent_at >= TOO_LATE:
        return word("It came too late for an acknowledgement.")
    brand = accounts.brand(session)
    zone = ZoneInfo(brand.zone if brand else "UTC")
    text = filled(
        act.value,
        {
            "customer": spoken_name(row.who, row.handle),
            "brand": brand.name if brand else "",
            "due": f"{conversation.due_at.astimezone(zone):%Y-%m-%d %H:%M}",
        },
    )
    author = people.by_email(session, made_by) or people.first_admin(session)
    if author is None:
        return word("Nobody answers for the rule.")
    try:
        queue_automated(
            session,
            conversation,
            text=text,
            agent_id=author.id,
            answers=row.id,
            form_key=f"rule:{act.rule.id}:{row.id}",
            now=now,
        )
    except ReplyInvalid as e:
        return e.reason
    return None


def _hides(account: Account, row: AnyRow) -> bool:
    if account.channel not in channels():
        return False
    offered = capabilities(account.channel).of(account.settings)
    return any(
        offer.act is Moderation.HIDE and (not offer.kinds or row.kind in offer.kinds)
        for offer in offered.offers
    )


def _log(session: Session, row: AnyRow, act: Act, now: datetime, failed: str | None = None) -> None:
    detail = {"rule": act.rule.name, "does": act.name, "value": act.value, "failed": failed}
    audit.record(session, SYSTEM, "rule", f"conversation:{row.conversation_id}", now, **detail)
