"""WhatsApp's webhook values in the neutral form.

Facts: Meta's OpenAPI file of the Cloud API (v23.0) and its pages on usernames and business-scoped
user ids, read Nov 2026. A person has up to three ids: the user id of our business (since April
2026), the phone number (missing where a username hides it), and the id of a parent business. Older
calls know the number alone; so all that are told go along, and the inbox joins them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors._graph import inner, items, needed, needed_time, text
from connectors._graph_hooks import Told
from connectors.core.contract import (
    Attachment,
    Author,
    Deletion,
    Direction,
    Event,
    Json,
    Kind,
    Message,
    Receipt,
    Visibility,
    word,
)
from connectors.core.errors import Malformed
from connectors.core.text import clean
from connectors.whatsapp.codes import why

STATES: Mapping[str, Any] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",  # a voice message
    "failed": "failed",
}
FILES = ("image", "video", "audio", "document", "sticker")
SILENT = ("request_welcome", "ephemeral")  # nothing that a person wrote
IN_A_GROUP = word("This was written in a WhatsApp group. Groups are not answered from here.")
_OUR_KEY = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Person:
    """Who a message is from or to: ids from the one that stays to the one that may change."""

    user_id: str = ""
    wa_id: str = ""
    parent_id: str = ""
    name: str = ""
    username: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(filter(None, (self.user_id, self.wa_id, self.parent_id))))

    def author(self) -> Author:
        number = f"+{self.wa_id}" if self.wa_id else None
        return Author(self.ids[0], self.username or number, self.name or None, self.ids[1:])

    def extras(self) -> dict[str, str]:
        """What an answer needs to find the person."""
        return {n: v for n, v in (("wa_id", self.wa_id), ("user_id", self.user_id)) if v}


def read(told: Told, phone_id: str) -> Iterator[Message | Event | Malformed]:
    """All that a change tells of our number; what cannot be read comes as `Malformed`, so that the
    rest is not lost with it."""
    value = told.value
    if text(inner(value, "metadata"), "phone_number_id") not in (phone_id, ""):
        return  # one app is called for all numbers of a business
    for field, parse in PARSERS.get(told.name, {}).items():
        for item in items(value, field):
            try:
                found = parse(_object(item), value)
            except Malformed as e:
                yield Malformed(e.reason, item)
                continue
            if found is not None:
                yield found


def parse_status(item: Json, value: Json) -> Receipt | None:
    """What became of an answer; None for states to come."""
    state = STATES.get(text(item, "status"))
    if state is None:
        return None
    key = text(item, "biz_opaque_callback_data")  # other programs on this number put theirs there
    return Receipt(
        state,
        needed_time(item, "timestamp"),
        needed(item, "id"),
        key if _OUR_KEY.fullmatch(key) else None,
        why(_object(next(iter(items(item, "errors")), {}))) if state == "failed" else "",
    )


def parse_message(item: Json, value: Json) -> Message | Deletion | None:
    """What a person wrote. Raises `Malformed`."""
    if text(item, "type") == "system":
        return _moved(item)
    number, user_id = text(item, "from"), text(item, "from_user_id")
    return _said(item, _person(value, number, user_id, text(item, "from_parent_user_id")), False)


def parse_echo(item: Json, value: Json) -> Message | Deletion | None:
    """What somebody of ours wrote in the phone app. Raises `Malformed`."""
    number, user_id = text(item, "to"), text(item, "to_user_id")
    if number == re.sub(r"\D", "", text(inner(value, "metadata"), "display_phone_number")):
        number = text(item, "from")  # seen where an echo is edited or revoked: the wrong way round
    return _said(item, _person(value, number, user_id, text(item, "to_parent_user_id")), True)


PARSERS: Mapping[str, Mapping[str, Callable[[Json, Json], Message | Event | None]]] = {  # by field
    "messages": {"messages": parse_message, "statuses": parse_status},
    "smb_message_echoes": {"message_echoes": parse_echo},
}


def _said(item: Json, person: Person, ours: bool) -> Message | Deletion | None:
    kind, at = text(item, "type"), needed_time(item, "timestamp")
    if kind == "revoke":
        return Deletion(needed(inner(item, "revoke"), "original_message_id"), at)
    if kind == "edit":
        change = inner(item, "edit")
        said = {**inner(change, "message"), "id": needed(change, "original_message_id")}
        return replace(_message(said, person, ours, at), edited_at=at)
    if kind in SILENT or (kind == "reaction" and not text(inner(item, kind), "emoji")):
        return None
    return _message(item, person, ours, at)


def _message(item: Json, person: Person, ours: bool, at: datetime) -> Message:
    kind, group = text(item, "type"), text(item, "group_id")
    if not kind:
        raise Malformed("It has no type.", item)
    write = WORDS.get(kind)
    above = text(inner(item, "reaction"), "message_id") or text(inner(item, "context"), "id")
    return Message(
        external_id=needed(item, "id"),
        conversation=group or person.ids[0],
        direction=Direction.OUT if ours else Direction.IN,
        text=clean(write(inner(item, kind), item) if write else f"[{kind}]"),
        sent_at=at,
        author=None if ours else person.author(),
        kind=Kind.COMMENT if group else Kind.DM,
        visibility=Visibility.PUBLIC if group else Visibility.PRIVATE,
        in_reply_to=above or None,
        context=bool(group) or kind == "reaction",
        attachments=_files(inner(item, kind)) if kind in FILES else (),
        can_reply_publicly=not group,
        reply_note=IN_A_GROUP if group else None,
        platform=person.extras(),
    )


def _moved(item: Json) -> Message:
    """A person has a new number or id; the old ones go along, so that both are one person."""
    system = inner(item, "system")
    number = text(system, "new_wa_id") or text(system, "wa_id")
    person = Person(text(system, "user_id"), number, text(system, "parent_user_id"))
    old = (text(system, "previous_user_id"), text(item, "from_user_id"), text(item, "from"))
    if not person.ids:
        person = Person(old[0] or old[1], old[2])
    if not person.ids:
        raise Malformed("It names nobody.", item)
    also = (*person.ids[1:], *(i for i in old if i and i not in person.ids))
    author = replace(person.author(), also=tuple(dict.fromkeys(also)))
    return Message(
        external_id=needed(item, "id"),
        conversation=author.id,
        direction=Direction.IN,
        text=f"[{text(system, 'body') or text(system, 'type') or 'system'}]",
        sent_at=needed_time(item, "timestamp"),
        author=author,
        context=True,
        platform=person.extras(),
    )


def _person(value: Json, number: str, user_id: str, parent_id: str) -> Person:
    """Who is meant, with what the call's contacts know of them. Raises `Malformed`."""
    listed = [_object(c) for c in items(value, "contacts")]
    wanted = {number, user_id} - {""}
    fits = [c for c in listed if wanted & {text(c, "wa_id"), text(c, "user_id")}]
    contact = next(iter(fits or (listed if len(listed) == 1 else ())), {})
    profile = inner(contact, "profile")
    person = Person(
        user_id or text(contact, "user_id"),
        number or text(contact, "wa_id"),
        parent_id or text(contact, "parent_user_id"),
        text(profile, "name"),
        text(profile, "username"),
    )
    if not person.ids:
        raise Malformed("It says of nobody who wrote it.", value)
    return person


def _files(file: Json) -> tuple[Attachment, ...]:
    mime, name = text(file, "mime_type").partition(";")[0], text(file, "filename")
    return (Attachment(mime=mime or None, name=name or None, ref=needed(file, "id")),)


def _location(place: Json, item: Json) -> str:
    at = ", ".join(str(place[n]) for n in ("latitude", "longitude") if n in place)
    return "\n".join(filter(None, (text(place, "name"), text(place, "address"), at)))


def _contacts(_: Json, item: Json) -> str:
    lines = []
    for card in map(_object, items(item, "contacts")):
        numbers = [text(_object(p), "phone") for p in items(card, "phones")]
        name = text(inner(card, "name"), "formatted_name")
        lines.append(", ".join(filter(None, (name, *numbers))))
    return "\n".join(["[contact]", *filter(None, lines)])


def _choice(chosen: Json, item: Json) -> str:
    """What a person picked from buttons or a list, or that they sent a form."""
    for kind in ("button_reply", "list_reply"):
        if title := text(inner(chosen, kind), "title"):
            return title
    return text(inner(chosen, "nfm_reply"), "body") or "[interactive]"


def _order(order: Json, item: Json) -> str:
    lines = ["[order]"]
    for product in map(_object, items(order, "product_items")):
        price = f"{product.get('item_price', '?')} {text(product, 'currency')}".strip()
        name = text(product, "product_retailer_id")
        lines.append(f"{product.get('quantity', '?')} × {name} ({price})")
    return "\n".join(filter(None, (*lines, text(order, "text"))))


def _unsupported(what: Json, item: Json) -> str:
    return f"[WhatsApp does not show this kind of message: {text(what, 'type') or 'unknown'}]"


WORDS: Mapping[str, Callable[[Json, Json], str]] = {
    "text": lambda said, item: text(said, "body"),
    "button": lambda said, item: text(said, "text"),
    "reaction": lambda said, item: text(said, "emoji"),
    **dict.fromkeys(FILES, lambda said, item: text(said, "caption")),
    "location": _location,
    "contacts": _contacts,
    "interactive": _choice,
    "order": _order,
    "unsupported": _unsupported,
    "unknown": _unsupported,
}


def _object(value: Any) -> Json:
    if not isinstance(value, dict):
        raise Malformed("It is no object.", value)
    return value
