"""Who gets which reports, in which language and when: added, changed, removed, brought back."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain.calendars import TIME_OF_DAY
from inbox.flows.people import plain_email
from inbox.store import audit, report_mails
from inbox.store.session import Store
from inbox.store.tables import ReportRecipient
from templates import LOCALES
from templates.periods import KINDS

MOST: Final = 100
MOST_ADDRESS: Final = 254
ADDRESS: Final = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")


class RecipientInvalid(ValueError):
    """The recipient cannot be kept so. `field`: address, locale, kinds, at."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason

    @property
    def known(self) -> bool:
        """Whether somebody has this address already."""
        return self.reason == _KNOWN


class NoSuchRecipient(LookupError):
    """There is no such recipient."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A recipient as somebody entered it. `kinds` are some of `KINDS`; `at` is a local time, HH:MM;
    empty, the brand's report time."""

    address: str
    locale: str
    kinds: Sequence[str]
    at: str = ""


def add(store: Store, wanted: Wanted, *, actor: str, now: datetime) -> int:
    """A new recipient, from the next report on. Raises `RecipientInvalid`."""
    with _writing(store) as session:
        values = _checked(session, wanted)
        if len(report_mails.recipients(session)) >= MOST:
            reason = word("There are {most} recipients: remove one first.").format(most=MOST)
            raise RecipientInvalid("address", reason)
        row = ReportRecipient(**values)
        session.add(row)
        session.flush()
        _note(session, actor, "report_recipient_add", row, now)
        return row.id


def change(store: Store, id: int, wanted: Wanted, *, actor: str, now: datetime) -> tuple[str, ...]:
    """Another address, language, choice or time; returns which of them are new. Raises
    `NoSuchRecipient`, `RecipientInvalid`."""
    with _writing(store) as session:
        row = _standing(session, id)
        values = _checked(session, wanted, but=id)
        changed = tuple(name for name, value in values.items() if getattr(row, name) != value)
        for name in changed:
            setattr(row, name, values[name])
        if changed:
            _note(session, actor, "report_recipient_change", row, now)
        return changed


def remove(store: Store, id: int, *, actor: str, now: datetime) -> None:
    """Gets nothing more, also nothing that waits; `restore` undoes it. Raises `NoSuchRecipient`."""
    with store.write() as session:
        row = _standing(session, id)
        row.removed_at = now
        _note(session, actor, "report_recipient_remove", row, now)


def restore(store: Store, id: int, *, actor: str, now: datetime) -> None:
    """Undoes `remove`. Raises `NoSuchRecipient`, and `RecipientInvalid` when the address was added
    again meanwhile."""
    with _writing(store) as session:
        row = report_mails.recipient(session, id)
        if row is None:
            raise NoSuchRecipient(unknown(id))
        if row.removed_at is not None:
            row.removed_at = None
            _note(session, actor, "report_recipient_restore", row, now)


def send_again(store: Store, mail_id: int, *, actor: str, now: datetime) -> bool:
    """Lets a refused mail go out again, under its Message-ID; False when there is nothing to send
    again: it was not refused, or its recipient gets no reports any more."""
    with store.write() as session:
        row = report_mails.mail(session, mail_id)
        if row is None or report_mails.recipient_at(session, row.recipient) is None:
            return False
        if not report_mails.requeue(session, mail_id):
            return False
        audit.record(session, actor, "report_mail_again", f"report_mail:{mail_id}", now)
        return True


def told(row: ReportRecipient) -> dict[str, Any]:
    """A recipient for programs."""
    return {
        "id": row.id,
        "address": row.address,
        "locale": row.locale,
        "kinds": row.kinds,
        "at": row.at,
    }


@contextmanager
def _writing(store: Store) -> Iterator[Session]:
    """A transaction in which another one may add the same address first."""
    try:
        with store.write() as session:
            yield session
    except IntegrityError as e:
        raise RecipientInvalid("address", _KNOWN) from e


_KNOWN = word("This address gets reports already.")


def _checked(session: Session, wanted: Wanted, but: int | None = None) -> dict[str, Any]:
    """The columns of a recipient."""
    address, at = address_of(wanted.address), wanted.at.strip()
    found = report_mails.recipient_at(session, address)
    if found is not None and found.id != but:
        raise RecipientInvalid("address", _KNOWN)
    if wanted.locale not in LOCALES:
        raise RecipientInvalid("locale", word("Reports are written in English and Chinese."))
    kinds = [kind for kind in KINDS if kind in wanted.kinds]
    if not kinds or not set(wanted.kinds) <= set(KINDS):
        raise RecipientInvalid("kinds", word("Choose at least one report."))
    if at and not TIME_OF_DAY.fullmatch(at):
        raise RecipientInvalid("at", word("A time is written like 07:30."))
    return {"address": address, "locale": wanted.locale, "kinds": kinds, "at": at or None}


def address_of(text: str) -> str:
    """An address as it is stored and mailed to. Raises `RecipientInvalid`."""
    address = plain_email(text)
    fits = len(address) <= MOST_ADDRESS and address.isprintable()
    if not fits or not ADDRESS.fullmatch(address):
        raise RecipientInvalid("address", word("This is not an e-mail address."))
    return address


def _standing(session: Session, id: int) -> ReportRecipient:
    row = report_mails.recipient(session, id)
    if row is None or row.removed_at is not None:
        raise NoSuchRecipient(unknown(id))
    return row


def unknown(id: int) -> str:
    """What to say of a number that is nobody's."""
    return f"There is no recipient {id}. See: replydesk report recipients"


def _note(session: Session, actor: str, act: str, row: ReportRecipient, now: datetime) -> None:
    detail = {"address": row.address, "kinds": row.kinds, "locale": row.locale, "at": row.at}
    audit.record(session, actor, act, f"report_recipient:{row.id}", now, **detail)
