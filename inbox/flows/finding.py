"""Find: a search as a person typed it, and a page of the conversations that it finds."""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from classifier.labels import Category, Urgency
from connectors.core.contract import word
from connectors.core.registry import channels
from inbox.domain.calendars import first_instant
from inbox.domain.search import BadSearch, Known, Query, parse
from inbox.domain.snippets import Piece, snippet
from inbox.store import accounts, finding, people, persons
from inbox.store.conversations import BIGGEST, NOT_OURS, BadCursor, read_cursor, write_cursor
from inbox.store.filters import Wanted

PAGE = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation, and the message that was found in it; None and no snippet when the search
    asked for no words. `is_note`: what was found is a note, of the team in the
    conversation or on the person, not a message."""

    conversation_id: int
    message_id: int | None
    snippet: tuple[Piece, ...]
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Conversations, newest first, and the cursor of the next page (None at the end)."""

    found: tuple[Found, ...]
    next_cursor: str | None


def find(
    session: Session,
    text: str,
    *,
    now: datetime,
    me: int | None = None,
    limit: int = PAGE,
    cursor: str | None = None,
) -> FoundPage:
    """What a search finds, newest first (docs/search.md). `me` is whose `is:mine` is.

    Raises `BadSearch` with words for the person who typed it, and `BadCursor`.
    """
    wanted = read(session, text, now=now, me=me)
    hits = finding.find(session, wanted, limit + 1, _read(cursor) if cursor else None)
    needles = wanted.query.needles
    found = tuple(
        Found(
            hit.conversation_id,
            hit.message_id,
            _snippet(hit.text, hit.subject, needles),
            hit.is_note,
        )
        for hit in hits[:limit]
    )
    return FoundPage(found, write_cursor(hits[limit - 1].place) if len(hits) > limit else None)


def count(session: Session, text: str, *, now: datetime, me: int | None, most: int) -> int:
    """How many conversations a search finds; at `most` counting stops. Raises `BadSearch`."""
    return finding.count(session, read(session, text, now=now, me=me), most)


def read(session: Session, text: str, *, now: datetime, me: int | None) -> Wanted:
    """A search as it was typed. Raises `BadSearch`."""
    known = _channels(session) if "channel" in text.lower() else ()
    query = parse(text, Known(known, tuple(Category), tuple(Urgency)))
    _check(session, query, me)
    zone = accounts.brand_zone(session)
    return Wanted(query, now, me, _start(query.after, zone), _start(query.before, zone))


def _channels(session: Session) -> tuple[str, ...]:
    """Those that can be connected, and those of imported accounts."""
    stored = {account.channel for account in accounts.seen(session)}
    return tuple(sorted({*channels(), *stored}))


def _check(session: Session, query: Query, me: int | None) -> None:
    """Raises `BadSearch` for accounts and people that there are not."""
    if "mine" in query.states and me is None:
        raise BadSearch(word("is:mine needs a person; here it is assignee:address."))
    if query.account is not None:
        wanted = query.account.lower().lstrip("@")
        handles = sorted({account.handle for account in accounts.seen(session)})
        if wanted not in {handle.lower().lstrip("@") for handle in handles}:
            _unknown(f"account:{query.account}", [f"account:{handle}" for handle in handles])
    if query.tag is not None and query.tag not in (tags := persons.known_tags(session)):
        _unknown(f"tag:{query.tag}", [f"tag:{tag}" for tag in tags])
    if query.assignee is not None:
        emails = [person.email for person in people.everyone(session)]
        if query.assignee.lower() not in emails:
            _unknown(f"assignee:{query.assignee}", [f"assignee:{email}" for email in emails])


def _unknown(name: str, allowed: list[str]) -> None:
    told = ", ".join(allowed[:12]) + (" …" if len(allowed) > 12 else "")
    raise BadSearch(
        word("{name} is not known. There are: {allowed}.").format(name=name, allowed=told)
    )


def _start(day: date | None, zone: str) -> datetime | None:
    """When a local day begins."""
    return first_instant(day, time(), zone) if day else None


def _snippet(text: str | None, subject: str | None, needles: tuple[str, ...]) -> tuple[Piece, ...]:
    """Of the text; of the subject where only that was found."""
    if text is None:
        return ()
    told = snippet(text, needles)
    if subject and not any(piece.found for piece in told):
        of_subject = snippet(subject, needles)
        return of_subject if any(piece.found for piece in of_subject) or not text else told
    return told


def _read(cursor: str) -> tuple[int, int]:
    place = read_cursor(cursor, int)
    if not 0 <= place[0] < BIGGEST:
        raise BadCursor(NOT_OURS)
    return place
