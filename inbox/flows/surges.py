"""One answer to all who write about the same thing: written once in each language, approved by a
lead who sends it, and then a reply of its own in each conversation.

It is a job like others over many conversations (`flows.bulk`). A member is handed to one job at a
time, in the transaction that begins it, so two leads who press send at once answer nobody twice;
who could not be answered, or was taken back, is offered again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from connectors.core.contract import Author, Visibility, word
from connectors.core.registry import UnknownChannel, capabilities
from inbox.domain import answers as written
from inbox.domain.actions import Actions, BadActions
from inbox.domain.answers import BadAnswer, Canned
from inbox.flows import answers, bulk
from inbox.flows.answers import By, NotYours
from inbox.flows.parts import split_words
from inbox.guard.secrets import mask
from inbox.store import acting, audit, events, surges
from inbox.store.session import Store, Within
from inbox.store.sql import AnyRow

NAME_CUT: Final = 60
"""Characters of the typical message by which its job is called."""
OTHER: Final = ""
"""The language of who writes in none that is known."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How a text goes out on a channel: in so many messages; 0: not at all, it is too long."""

    channel: str
    visibility: str
    messages: int


def checked(texts: Mapping[str, str]) -> dict[str, str]:
    """The texts by language as they are stored and sent. Raises `BadAnswer`."""
    right = written.checked_texts(texts)
    if any(mask(text).cards for text in right.values()):
        raise BadAnswer(word("A whole card number stands in the answer: take it out."))
    return right


def send(
    store: Store,
    surge_id: int,
    chosen: Mapping[int, int],
    texts: Mapping[str, str],
    *,
    by: By,
    key: str,
    now: datetime,
    left_out: Collection[int] = (),
) -> int:
    """The number of the job that answers those who were chosen: conversation → the last message
    that was seen there. The same `key` again is the same job. `left_out` stay without this answer.

    Raises `NotYours` for who is no lead, `BadAnswer`, `BadActions` when nobody of them waits still,
    `NoResultFound`.
    """
    if not by.leads:
        raise NotYours
    right = checked(texts)
    with store.write() as session:
        surge = surges.locked(session, surge_id)
        known = acting.job_by_key(session, key)
        if known is not None:
            return known
        _keep(session, surge_id, right, left_out, chosen, by)
        members = surges.claim(session, surge_id, chosen)
        if not members:
            raise BadActions(word("Choose at least one conversation."))
        job = bulk.begin(
            Within(session),
            members,
            Actions(words=right),
            name=" ".join(surges.text_of(session, surge).split())[:NAME_CUT],
            by=by,
            key=key,
            now=now,
            shown=chosen,
        )
        surges.set_members(session, surge_id, members, job_id=job)
        audit.record(
            session, by.email, "surge_send", f"surge:{surge_id}", now, job=job, many=len(members)
        )
    return job


def keep(
    store: Store,
    surge_id: int,
    texts: Mapping[str, str],
    *,
    chosen: Collection[int],
    left_out: Collection[int],
    by: By,
    now: datetime,
) -> None:
    """Stores the words and who is left out, for a lead to send. Raises `BadAnswer`,
    `NoResultFound`."""
    right = checked(texts)
    with store.write() as session:
        surges.locked(session, surge_id)
        _keep(session, surge_id, right, left_out, chosen, by)
        audit.record(session, by.email, "surge_keep", f"surge:{surge_id}", now)


def close(store: Store, surge_id: int, *, closed: bool, by: By, now: datetime) -> None:
    """Puts a surge aside, or brings it back. Raises `NotYours`, `NoResultFound`."""
    if not by.leads:
        raise NotYours
    with store.write() as session:
        surge = surges.locked(session, surge_id)
        if (surge.closed_at is not None) == closed:
            return
        surge.closed_at, surge.closed_by = (now, by.email) if closed else (None, None)
        action = "surge_close" if closed else "surge_open"
        audit.record(session, by.email, action, f"surge:{surge_id}", now)
        events.announce(session, "conversation", now)


def gets(texts: Mapping[str, str], lang: str) -> str:
    """The language of the text that somebody of this language gets; "" while there is none."""
    return written.language_of(texts, lang) if texts else ""


def fits(
    session: Session, members: Sequence[AnyRow], texts: Mapping[str, str], by: By
) -> dict[str, list[Fit]]:
    """For each text, how it goes out on each channel of these members (of `store.surges`), with the
    variables as the first of them there has them."""
    found: dict[str, dict[tuple[str, str], Fit]] = {}
    for member in members:
        lang = gets(texts, member.lang or OTHER)
        place = (member.channel, member.last_visibility or member.visibility)
        if not lang or place in found.setdefault(lang, {}):
            continue
        only = Canned("", "", {lang: texts[lang]})
        text = answers.filled(session, member.conversation_id, only, by)[lang].text
        found[lang][place] = Fit(*place, _messages(*place, text, member))
    return {lang: list(places.values()) for lang, places in found.items()}


def shown_to(
    session: Session, members: Sequence[AnyRow], texts: Mapping[str, str], by: By
) -> dict[str, tuple[AnyRow, written.Filled]]:
    """For each text, who of these members gets it first, and as what."""
    found: dict[str, tuple[AnyRow, written.Filled]] = {}
    for member in members:
        lang = gets(texts, member.lang or OTHER)
        if lang and lang not in found:
            only = Canned("", "", {lang: texts[lang]})
            filled = answers.filled(session, member.conversation_id, only, by)[lang]
            found[lang] = (member, filled)
    return found


def _keep(
    session: Session,
    surge_id: int,
    texts: dict[str, str],
    left_out: Collection[int],
    chosen: Collection[int],
    by: By,
) -> None:
    surges.change(session, surge_id, texts=texts, texts_by=by.email)
    surges.set_members(session, surge_id, left_out, out=True)
    surges.set_members(session, surge_id, chosen, out=False)


def _messages(channel: str, visibility: str, text: str, member: AnyRow) -> int:
    try:
        offered = capabilities(channel)
        to = Author("", member.handle, member.name)
        return len(split_words(offered, Visibility(visibility), text, to))
    except (UnknownChannel, ValueError):
        return 0
