"""Canned answers: writing, versions, and finding the one for a conversation.

Leads write the team's answers; everybody who answers may have some of their own, which a lead may
give to the team.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from connectors.core.contract import word
from connectors.core.registry import UnknownChannel, capabilities
from inbox.domain import answers as rules
from inbox.domain.answers import BadAnswer, Canned, Ranked
from inbox.flows.people import Signed
from inbox.store import accounts, audit, inbox_list
from inbox.store import answers as stored
from inbox.store.session import Store
from inbox.store.sql import AnyRow
from inbox.store.tables import CannedAnswer, User

TAKEN = word("The shortcut /{name} is taken already.")
STALE = word("Somebody else changed it meanwhile. Look at it again.")


class NotYours(PermissionError):
    """The team's answers are the leads' to write, and own ones their owner's."""


@dataclass(frozen=True, slots=True)
class By:
    """Who writes."""

    id: int
    email: str
    name: str
    leads: bool

    @classmethod
    def of(cls, person: User | Signed) -> "By":
        """Somebody of the team."""
        return cls(person.id, person.email, person.name, person.role in ("lead", "admin"))


def may_write(row: CannedAnswer, by: By) -> bool:
    """Whether this person may change an answer."""
    return by.leads or row.owner == by.id


def add(store: Store, written: Canned, *, own: bool, by: By, now: datetime) -> int:
    """A new answer's id: one's own, or for leads the team's. Raises `BadAnswer`, `NotYours`."""
    right = rules.checked(written)
    if not own and not by.leads:
        raise NotYours
    with store.write() as session:
        try:
            row = stored.add(session, by.id if own else stored.TEAM, right, by.email, now)
        except stored.ShortcutTaken:
            raise BadAnswer(TAKEN.format(name=right.shortcut)) from None
        _record(session, "answer_add", row, by, now)
    return row.id


def change(
    store: Store,
    canned_id: int,
    written: Canned,
    *,
    by: By,
    now: datetime,
    after: int | None = None,
) -> int:
    """The next version's number; the same words again make none. With `after` only if that is still
    the newest. Raises `BadAnswer`, `NotYours`, `NoResultFound`."""
    right = rules.checked(written)
    return _next(store, canned_id, lambda row: right, by, now, "answer_change", after)


def remove(store: Store, canned_id: int, *, by: By, now: datetime) -> int:
    """Takes it out of every list; a version brings it back. Raises as `change`."""
    return _next(store, canned_id, lambda row: None, by, now, "answer_remove", None)


def restore(store: Store, canned_id: int, version: int, *, by: By, now: datetime) -> int:
    """What it was in that version becomes its newest one. Raises as `change`."""
    with store.read() as session:
        before = stored.version(session, canned_id, version)
    if before is None or before.written is None:
        raise NoResultFound
    right = rules.checked(Canned(**before.written))
    return _next(store, canned_id, lambda row: right, by, now, "answer_restore", None)


def share(store: Store, canned_id: int, *, by: By, now: datetime) -> None:
    """A lead gives somebody's own answer to the team. Raises as `change`."""
    if not by.leads:
        raise NotYours
    with store.write() as session:
        row = _found(session, canned_id, by)
        if row.owner == stored.TEAM:
            return
        name = row.shortcut
        try:
            stored.change(session, row, stored.canned(row), by.email, now, owner=stored.TEAM)
        except stored.ShortcutTaken:
            raise BadAnswer(TAKEN.format(name=name)) from None
        _record(session, "answer_share", row, by, now)


def visible(session: Session, canned_id: int, by: By) -> CannedAnswer | None:
    """An answer that this person may see: the team's, their own, and for leads everybody's."""
    row = stored.one(session, canned_id)
    seen = row is not None and (row.owner in (stored.TEAM, by.id) or by.leads)
    return row if seen else None


def for_conversation(session: Session, conversation_id: int, by: By) -> list[Ranked]:
    """The answers that this person sees, those that fit best first, each filled in."""
    row = inbox_list.one(session, conversation_id)
    if row is None:
        raise NoResultFound
    asked = stored.asked(session, conversation_id)
    about = rules.About(
        text=asked.text if asked else "",
        lang=(asked.lang if asked else None) or row.lang or "",
        category=row.category or "",
        topic=row.topic or "",
    )
    mine = [stored.canned(one) for one in stored.listed(session, by.id)]
    return _filled(session, row, rules.ranked(mine, about), about.lang, by)


def fitting(
    session: Session, conversation_id: int, shortcuts: Sequence[str], by: By
) -> list[Ranked]:
    """The team's answers with these shortcuts, in their order, each filled in. Raises
    `NoResultFound`."""
    row = inbox_list.one(session, conversation_id)
    if row is None:
        raise NoResultFound
    asked = stored.asked(session, conversation_id)
    found = [stored.by_shortcut(session, stored.TEAM, one) for one in shortcuts]
    known = [stored.canned(one) for one in found if one is not None]
    return _filled(session, row, known, (asked.lang if asked else None) or row.lang or "", by)


def _filled(
    session: Session, row: AnyRow, answers: Sequence[Canned], lang: str, by: By
) -> list[Ranked]:
    told = _values(session, row, by)
    found = []
    for one in answers:
        chosen = rules.language_of(one.texts, lang)
        found.append(Ranked(one, chosen, rules.fill(one.texts[chosen], told(chosen))))
    return found


def filled(
    session: Session, conversation_id: int, canned: Canned, by: By
) -> dict[str, rules.Filled]:
    """Each text of an answer, filled in for a conversation. Raises `NoResultFound`."""
    row = inbox_list.one(session, conversation_id)
    if row is None:
        raise NoResultFound
    told = _values(session, row, by)
    return {lang: rules.fill(text, told(lang)) for lang, text in canned.texts.items()}


def _values(session: Session, row: AnyRow, by: By) -> Callable[[str], dict[str, str]]:
    """The variables' values, in a language."""
    brand = accounts.brand(session)
    zone = ZoneInfo(accounts.zone_of(brand))
    try:
        channel = capabilities(row.channel).title
    except UnknownChannel:
        channel = row.channel
    fixed = {
        "customer": row.contact_name or row.contact_handle or "",
        "agent": by.name,
        "brand": brand.name if brand else "",
        "channel": channel,
        "number": str(row.id),
    }
    return lambda lang: fixed | {"due": _moment(row.due_at, zone, lang) if row.due_at else ""}


def _moment(at: datetime, zone: ZoneInfo, lang: str) -> str:
    try:
        locale = Locale.parse(lang)
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    local = at.astimezone(zone)
    day, time = (format_skeleton(form, local, locale=locale) for form in ("MMMd", "Hm"))
    return f"{day}, {time}" if locale.language == "en" else f"{day} {time}"


def _next(
    store: Store,
    canned_id: int,
    makes: Callable[[CannedAnswer], Canned | None],
    by: By,
    now: datetime,
    action: str,
    after: int | None,
) -> int:
    with store.write() as session:
        row = _found(session, canned_id, by)
        if not may_write(row, by):
            raise NotYours
        if after is not None and after != row.version:
            raise BadAnswer(STALE)
        wanted = makes(row)
        stands = row.removed_at is None
        before = replace(stored.canned(row), id=0, uses=0)
        same = wanted is not None and replace(wanted, id=0, uses=0) == before
        if (wanted is None and not stands) or (same and stands):
            return row.version
        name = wanted.shortcut if wanted else row.shortcut
        try:
            stored.change(session, row, wanted, by.email, now)
        except stored.ShortcutTaken:
            raise BadAnswer(TAKEN.format(name=name)) from None
        _record(session, action, row, by, now)
        return row.version


def _found(session: Session, canned_id: int, by: By) -> CannedAnswer:
    """The answer, which nobody else changes until the transaction ends."""
    row = visible(session, canned_id, by)
    if row is None:
        raise NoResultFound
    session.refresh(row, with_for_update=True)
    return row


def _record(session: Session, action: str, row: CannedAnswer, by: By, now: datetime) -> None:
    audit.record(session, by.email, action, f"answer:{row.id}", now, version=row.version)
