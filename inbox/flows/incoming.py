"""What happens to a message before it touches a row: cleaned, masked, its time cut, tagged."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.core.contract import Attachment, Author, Direction, Message
from connectors.core.text import clean, clean_all, fold
from inbox.domain.conversation import Tag
from inbox.guard.secrets import mask, mask_all


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message ready to be stored."""

    message: Message
    tag: Tag
    findings: tuple[dict[str, Any], ...]
    time_cut: bool


def prepare(
    page: Sequence[Message], known: Container[str], classifier: Any, now: datetime
) -> list[Incoming]:
    """A page's messages in the order of their times; each id once, its latest form.

    Only messages of customers that are not in `known` are tagged. Without a classifier they stay
    untagged: a broken model never keeps a message out.
    """
    latest: dict[str, Message] = {}
    for message in page:
        before = latest.get(message.external_id)
        if before is None or _version(message) >= _version(before):
            latest[message.external_id] = message
    ready = [_masked(m, now) for m in latest.values()]
    ready.sort(key=lambda item: (item.message.sent_at, item.message.external_id))
    to_tag = [i for i in ready if _wants_tag(i.message, known)]
    return _tagged(ready, to_tag, classifier)


def _tagged(ready: list[Incoming], to_tag: list[Incoming], classifier: Any) -> list[Incoming]:
    if classifier is None or not to_tag:
        return ready
    texts = [words_of(i.message.subject, i.message.text) for i in to_tag]
    tags = {
        i.message.external_id: Tag(
            str(t.category),
            t.category_confidence,
            str(t.urgency),
            t.urgency_confidence,
            t.lang,
            t.needs_review,
            [[str(c), p] for c, p in t.alternatives],
            [str(c) for c in t.labels],
            t.outside,
            t.topic,
            str(t.tone),
        )
        for i, t in zip(to_tag, classifier.tag(texts), strict=True)
        if t is not None
    }
    return [replace(i, tag=tags.get(i.message.external_id, i.tag)) for i in ready]


def words_of(subject: str | None, text: str) -> str:
    """What the classifier reads of a message."""
    return fold(f"{subject or ''}\n{text}".strip())


def _wants_tag(message: Message, known: Container[str]) -> bool:
    return (
        message.direction == Direction.IN
        and not message.context
        and message.deleted_at is None
        and message.external_id not in known
    )


def _version(message: Message) -> tuple[bool, datetime]:
    """A deletion is the last word, whatever an edit says of its time."""
    return message.deleted_at is not None, message.edited_at or message.sent_at


def _masked(message: Message, now: datetime) -> Incoming:
    """Cleaned everywhere, masked where a person wrote; times in the future are cut."""
    text = mask(clean(message.text))
    subject = mask(clean(message.subject)) if message.subject else None
    cards = text.cards + (subject.cards if subject else ())
    author = message.author and Author(
        clean(message.author.id),
        _plain(message.author.handle),
        _plain(message.author.name),
        tuple(map(clean, message.author.also)),
    )
    attachments = tuple(
        Attachment(_clean(a.url), _clean(a.mime), _plain(a.name), a.size, _clean(a.ref))
        for a in message.attachments
    )
    safe = replace(
        message,
        external_id=clean(message.external_id),
        conversation=clean(message.conversation),
        in_reply_to=_clean(message.in_reply_to),
        message_id=_clean(message.message_id),
        references=tuple(clean(r) for r in message.references),
        text=text.text,
        subject=subject.text if subject else None,
        author=author,
        attachments=attachments,
        sent_at=min(message.sent_at, now),
        edited_at=message.edited_at and min(message.edited_at, now),
        deleted_at=message.deleted_at and min(message.deleted_at, now),
        platform=_extras(message.platform),
    )
    findings = tuple({"kind": "card", "brand": brand} for brand in dict.fromkeys(cards))
    return Incoming(safe, Tag(), findings, message.sent_at > now)


def _extras(platform: Mapping[str, Any]) -> dict[str, Any]:
    """Masked but for what is named an id: some look like card numbers, and replies need them."""
    ids = {name: value for name, value in platform.items() if name.endswith("id")}
    words = {name: value for name, value in platform.items() if name not in ids}
    extras: dict[str, Any] = clean_all(mask_all(words) | ids)
    return extras


def _clean(text: str | None) -> str | None:
    return clean(text) if text else text


def _plain(text: str | None) -> str | None:
    return mask(clean(text)).text if text else text
