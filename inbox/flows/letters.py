"""Mails with a one-time link: a forgotten password, an invitation.

Whoever asks leaves a row; the scheduler makes link and mail together. So a link is never stored,
only its hash, and asking takes as long for an unknown address as for a known one. A further try
makes a new link, and the one before stops working.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.core.errors import ConnectorError, OutcomeUnknown, Refused
from inbox.config import Settings
from inbox.domain.outbox import backoff_s
from inbox.flows import mailing
from inbox.flows.forgotten import RESET_LASTS, reset_link
from inbox.flows.team import invitation_link
from inbox.store import accounts, letters
from inbox.store.locks import hold
from inbox.store.session import Store
from inbox.store.tables import Brand, Invitation, Letter, User
from templates import render


def mail_due(store: Store, settings: Settings, now: Callable[[], datetime]) -> int:
    """Sends the letters that are due; returns how many the mail server accepted."""
    if settings.smtp_url is None or not _waiting(store, now()):
        return 0
    with hold(store, settings.folder, "letter-mail", 0) as held:
        waiting = _waiting(store, now()) if held else []
        return sum(_send(store, settings, letter, now) for letter in waiting)


def _waiting(store: Store, now: datetime) -> list[Letter]:
    with store.read() as session:
        return [one for one in letters.due(session, now) if not _stale(one, now)]


def _stale(letter: Letter, now: datetime) -> bool:
    return letter.user_id is not None and letter.asked_at <= now - RESET_LASTS


def _send(store: Store, settings: Settings, letter: Letter, now: Callable[[], datetime]) -> bool:
    to, subject, text = _words(store, settings, letter, now())
    key = f"letter-{letter.id}-{letter.asked_at.timestamp()}-{letter.failures}"
    try:
        mailing.post(settings, to=to, subject=subject, text=text, key=key)
    except Refused as e:
        with store.write() as session:
            letters.refused(session, letter, e.reason)
        return False
    except OutcomeUnknown:
        pass  # it may have arrived: a second mail would end the first one's link
    except ConnectorError as e:
        wait_s = getattr(e, "retry_after_s", None) or backoff_s(letter.failures + 1)
        with store.write() as session:
            letters.put_off(session, letter, now() + timedelta(seconds=wait_s))
        return False
    with store.write() as session:
        letters.done(session, letter)
    return True


def _words(store: Store, settings: Settings, letter: Letter, now: datetime) -> tuple[str, str, str]:
    """Address, subject and text, with a fresh link."""
    with store.write() as session:
        brand = accounts.brand(session)
        if letter.user_id is not None:
            person = session.get_one(User, letter.user_id)
            link = reset_link(session, settings, person.id, now)
            said: dict[str, object] = {"name": person.name, "link": link}
            return person.email, *_render("reset", person.locale, brand, said)
        assert letter.invitation_id is not None
        invitation = session.get_one(Invitation, letter.invitation_id)
        said = {
            "by": invitation.invited_by,
            "role": invitation.role,
            "until": invitation.expires_at,
            "link": invitation_link(session, settings, invitation.id),
        }
        return invitation.email, *_render("invitation", None, brand, said)


def _render(
    name: str, locale: str | None, brand: Brand | None, said: dict[str, object]
) -> tuple[str, str]:
    """Subject and text of `mail/<name>.txt`."""
    spoken, zone = mailing.language(locale, brand), accounts.zone_of(brand)
    said = said | {"brand": brand.name if brand else ""}
    subject = render(f"mail/{name}_subject.txt", spoken, zone, **said)
    return subject, render(f"mail/{name}.txt", spoken, zone, **said)
