"""A mail's bytes as plain facts. Pure and total: hostile bytes give a poorer `Mail`, no crash.

Sources: RFC 5322 (headers), RFC 3464 (delivery reports), RFC 3834 (`Auto-Submitted`), RFC 2919
(`List-Id`).
"""

import codecs
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header
from email.message import Message as Part
from email.utils import getaddresses

from connectors.core.contract import Attachment
from connectors.core.html import html_to_text
from connectors.core.text import clean

MAX_TEXT = 200_000  # characters kept of a mail's text
MAX_ID = 500  # a longer Message-ID is nobody's honest id
MAX_LINE = 1000  # characters kept of a subject or a name
MAX_REFERENCES = 100
MAX_ADDRESSES = 50
MAX_ATTACHMENTS = 100
MAX_DEPTH = 10
CUT_NOTE = "[The mail is longer; only its beginning was read.]"
NO_ID_DOMAIN = "no-message-id.invalid"
# What the standard library's parser raises on hostile input, beside its own `MessageError`.
_BROKEN = (MessageError, LookupError, ValueError, TypeError, AttributeError, RecursionError)
_ID = re.compile(r"<([^<>\s]{3,})>")
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "ks_c_5601-1987": "cp949"}
_ONE_BYTE = re.compile(r"|(us-)?ascii|unknown-8bit|iso-8859-\d+|latin-?1|(windows-|cp)12\d\d")
_NO_CHARSETS = frozenset(("punycode", "idna", "unicode-escape", "raw-unicode-escape", "utf-7"))


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says of itself. Ids are without brackets, addresses lower-cased.

    `message_id` is made up from the content (under `NO_ID_DOMAIN`) when the mail has none.
    `digest` is a hash of the body: with the Message-ID it recognises the mail in another mailbox.
    `named` are the (address, name) pairs of its To and Cc, `delivered_to` all addresses it went to;
    `lists` the ids of the mailing lists it came by
    ("?" where one is not named); `robot`: no person wrote it. `bounce_of` is the Message-ID of a
    mail of ours that could not be delivered, `bounced` are the addresses that did not take it.
    """

    message_id: str
    in_reply_to: str | None
    references: tuple[str, ...]
    sender: str
    sender_name: str | None
    reply_to: str | None
    named: tuple[tuple[str, str], ...]
    delivered_to: tuple[str, ...]
    subject: str | None
    text: str
    attachments: tuple[Attachment, ...]
    lists: tuple[str, ...]
    robot: bool
    bounce_of: str | None
    bounced: tuple[str, ...]
    digest: str


def parse_mail(raw: bytes) -> Mail:
    """Reads a mail. Raises `ValueError` when it names no sender: then it is no mail."""
    try:
        return _read(message_from_bytes(raw, policy=policy.compat32), raw)
    except _BROKEN:
        # Parts within parts beyond the parser's depth, and the like: headers and raw body remain.
        head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        mail = message_from_bytes(head + b"\n\n", policy=policy.compat32)
        del mail["Content-Type"], mail["Content-Transfer-Encoding"]
        mail.set_payload(body[:MAX_TEXT].decode("ascii", "surrogateescape"))
        return _read(mail, raw)


def _read(mail: Part, raw: bytes) -> Mail:
    sender, name = _sender(mail)
    digest = body_digest(raw)
    report = _report(mail)
    leaves = list(_leaves(mail))
    parts = [part for _, part in leaves]
    in_reply_to, references = _ids(mail, "In-Reply-To"), _ids(mail, "References")
    if report is not None:
        in_reply_to, references = (report.message_id,), (*report.references, report.message_id)
    reply_to = next((a for _, a in _addresses(mail, "Reply-To")), None)
    return Mail(
        message_id=next(iter(_ids(mail, "Message-ID")), None) or _made_up_id(mail, digest),
        in_reply_to=in_reply_to[0] if in_reply_to else None,
        references=_shortened(references),
        sender=sender,
        sender_name=name,
        reply_to=reply_to if reply_to != sender else None,
        named=_named(mail),
        delivered_to=_recipients(mail),
        subject=header(mail, "Subject") or None,
        text=_text(parts),
        attachments=tuple(_attachment(*leaf) for leaf in leaves if _is_attached(leaf[1]))[
            :MAX_ATTACHMENTS
        ],
        lists=_lists(mail),
        robot=_is_robot(mail, sender),
        bounce_of=report.message_id if report is not None and report.failed else None,
        bounced=report.bounced if report is not None else (),
        digest=digest,
    )


# --- headers


def header(mail: Part, name: str) -> str:
    """A header as one line of text: encoded words decoded, controls and line breaks as spaces."""
    return _one_line(_decoded(next(iter(_values(mail, name)), "")))[:MAX_LINE]


def _values(mail: Part, name: str) -> list[str]:
    """All values of a header as they came, 8-bit bytes read as text."""
    found = (str(v) for n, v in mail.raw_items() if n.lower() == name.lower())
    return [decode(v.encode("utf-8", "surrogateescape"), None) for v in found]


def _decoded(value: str) -> str:
    """A value with its encoded words as text; what cannot be decoded stays as it is."""
    if not value.isascii() or "=?" not in value:
        return value
    try:
        pieces = decode_header(value)
    except _BROKEN:
        return value
    return "".join(p if isinstance(p, str) else decode(p, charset) for p, charset in pieces)


def _one_line(value: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in clean(value)).split())


def decode(data: bytes, charset: str | None) -> str:
    """Bytes as text by the named charset, or by UTF-8 where a one-byte name is surely wrong."""
    named = (charset or "").lower().strip("\"' ")
    one_byte = _ONE_BYTE.fullmatch(named) is not None
    for guess in ("utf-8", named) if one_byte else (_WIDER.get(named, named), "utf-8"):
        try:
            if codecs.lookup(guess).name not in _NO_CHARSETS:
                return data.decode(guess)
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252" if one_byte else "utf-8", "replace")


def _ids(mail: Part, name: str) -> tuple[str, ...]:
    """The Message-IDs of a header, in order, each once."""
    value = " ".join(_values(mail, name))
    found = [i for i in _ID.findall(value) if len(i) <= MAX_ID and i.isprintable()]
    return tuple(dict.fromkeys(found))


def _shortened(references: tuple[str, ...]) -> tuple[str, ...]:
    """The root and the latest ids of a chain: what threading needs (RFC 5537 trims alike)."""
    if len(references) <= MAX_REFERENCES:
        return references
    return references[:1] + references[-(MAX_REFERENCES - 1) :]


def _addresses(mail: Part, *names: str) -> list[tuple[str, str]]:
    """(name, lower-cased address) pairs of headers.

    The header is split before its encoded words are decoded: a name that decodes to
    `a@b.example, ` stays a name.
    """
    values = [_one_line(v) for name in names for v in _values(mail, name)]
    try:
        pairs = getaddresses(values)
    except _BROKEN:
        return []
    found = ((_one_line(_decoded(n))[:MAX_LINE], a.strip().lower()) for n, a in pairs)
    return [(n, a) for n, a in found if _is_address(a)]


def _is_address(text: str) -> bool:
    local, _, domain = text.rpartition("@")
    return bool(local and domain) and len(text) <= 320 and text.isprintable() and " " not in domain


def _sender(mail: Part) -> tuple[str, str | None]:
    for name in ("From", "Sender", "Reply-To", "Return-Path"):
        for label, address in _addresses(mail, name):
            return address, label or None
    raise ValueError("The mail names no sender.")


def _named(mail: Part) -> tuple[tuple[str, str], ...]:
    """(address, name) of To and Cc, each address once."""
    names: dict[str, str] = {}
    for name, address in _addresses(mail, "To", "Cc"):
        names.setdefault(address, name)
    return tuple(names.items())[:MAX_ADDRESSES]


def _recipients(mail: Part) -> tuple[str, ...]:
    names = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
    found = dict.fromkeys(a for _, a in _addresses(mail, *names))
    return tuple(found)[:MAX_ADDRESSES]


def body_digest(raw: bytes) -> str:
    """A hash of the body that survives another server's line ends."""
    head, blank, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    body = (body if blank else head).rstrip()
    return hashlib.sha256(body).hexdigest()[:32]


def _made_up_id(mail: Part, digest: str) -> str:
    """A stable id for a mail without one: the same mail always gets the same."""
    told = [v for n in ("From", "To", "Date", "Subject") for v in _values(mail, n)]
    key = clean("\n".join([*told, digest]))
    return f"{hashlib.sha256(key.encode()).hexdigest()[:32]}@{NO_ID_DOMAIN}"


def _is_robot(mail: Part, sender: str) -> bool:
    """Whether the mail itself says that no person wrote it just now."""
    submitted = header(mail, "Auto-Submitted").lower()
    return (
        (submitted != "" and not submitted.startswith("no"))
        or header(mail, "Precedence").lower() in ("bulk", "junk", "auto_reply")
        or "all" in header(mail, "X-Auto-Response-Suppress").lower()
        or any(header(mail, n) for n in ("X-Autoreply", "X-Autorespond"))
        or "<>" in (v.strip() for v in _values(mail, "Return-Path"))
        or sender.startswith(("mailer-daemon@", "postmaster@"))
        or mail.get_content_type() == "multipart/report"
    )


def _lists(mail: Part) -> tuple[str, ...]:
    named = [re.sub(r"^.*<|>.*$", "", _one_line(v)).lower() for v in _values(mail, "List-Id")]
    if not named and header(mail, "Precedence").lower() == "list":
        return ("?",)
    return tuple(n.strip() for n in named if n.strip())


# --- delivery reports


@dataclass(frozen=True, slots=True)
class _Report:
    """A report about a mail of ours: which one, its thread, whether it failed for good, and for
    which addresses."""

    message_id: str
    references: tuple[str, ...]
    failed: bool
    bounced: tuple[str, ...]


def _report(mail: Part) -> _Report | None:
    """What a `multipart/report` says of the mail it reports on; None when it names none."""
    if mail.get_content_type() != "multipart/report":
        return None
    parts = {p.get_content_type(): p for p in reversed(_children(mail))}
    original = None
    if part := parts.get("message/rfc822"):
        original = next(iter(_children(part)), None)
    elif part := parts.get("text/rfc822-headers") or parts.get("message/rfc822-headers"):
        original = message_from_bytes(_bytes(part) or str(part.get_payload()).encode())
    elif part := parts.get("message/disposition-notification"):
        told = re.search(r"^Original-(Message-ID:.*)$", _lines(part), re.I | re.M)
        original = message_from_bytes(told[1].encode("utf-8", "replace")) if told else None
    if original is None or not (ids := _ids(original, "Message-ID")):
        return None
    status = parts.get("message/delivery-status")
    failed = status is not None and re.search(r"^Action:\s*failed", _lines(status), re.I | re.M)
    references = _ids(original, "References") or _ids(original, "In-Reply-To")
    references = tuple(r for r in references if r != ids[0])
    return _Report(ids[0], references, bool(failed), _bounced(status))


def _bounced(status: Part | None) -> tuple[str, ...]:
    """The addresses, lower-cased, whose block of the report says `failed`, as we wrote them."""
    blocks = _children(status) if status is not None else []
    failed = [b for b in blocks if header(b, "Action").lower().startswith("failed")]
    named = (header(b, "Original-Recipient") or header(b, "Final-Recipient") for b in failed)
    return tuple(n.rpartition(";")[2].strip().lower() for n in named)


def _lines(part: Part) -> str:
    """The fields of a report's machine-readable part, one a line."""
    blocks = _children(part)
    if not blocks:
        return decode(_bytes(part), None)
    return "\n".join(f"{n}: {v}" for block in blocks for n, v in block.raw_items())


# --- body


def _children(part: Part) -> list[Part]:
    payload = part.get_payload()
    return [p for p in payload if isinstance(p, Part)] if isinstance(payload, list) else []


Leaf = tuple[str, Part]
"""A part with its number in IMAP (RFC 9051, 6.4.5.1), such as 2.1."""


def _leaves(part: Part, number: str = "", depth: int = 0) -> Iterator[Leaf]:
    """The parts that are shown or attached, in order; of alternatives the plainest with words."""
    children = _children(part)
    if not children or part.get_content_maintype() == "message" or depth > MAX_DEPTH:
        yield number or "1", part
        return
    groups = [
        list(_leaves(p, f"{number}.{n}".lstrip("."), depth + 1)) for n, p in enumerate(children, 1)
    ]
    if part.get_content_type() == "multipart/alternative":
        shown = min(groups, key=_unfit)
        groups = [g if g is shown else [p for p in g if _is_attached(p[1])] for g in groups]
    yield from (p for group in groups for p in group)


def _unfit(alternative: list[Leaf]) -> tuple[bool, bool]:
    parts = [part for _, part in alternative]
    return not _text(parts), not _has_plain(parts)


def _has_plain(parts: list[Part]) -> bool:
    return any(p.get_content_type() == "text/plain" for p in parts)


def _is_attached(part: Part) -> bool:
    shown = part.get_content_type() in ("text/plain", "text/html", "message/delivery-status")
    return part.get_content_disposition() == "attachment" or not shown


def _text(parts: list[Part]) -> str:
    """The words of a mail, parts joined by an empty line, NUL and surrogates replaced."""
    text = ""
    for part in parts:
        if not _is_attached(part) and len(text) <= MAX_TEXT:
            text = f"{text}\n\n{_part_text(part)}".strip("\n")
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT] + f"\n\n{CUT_NOTE}"
    return clean(text)


def _part_text(part: Part) -> str:
    if part.get_content_type() == "message/delivery-status":
        return ""
    text = decode(_bytes(part), _charset(part)).replace("\r\n", "\n").replace("\r", "\n")
    if part.get_content_type() == "text/html":
        return html_to_text(text)
    return text.strip("\n")


def _bytes(part: Part) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except _BROKEN:
        return str(part.get_payload()).encode("utf-8", "replace")
    return payload if isinstance(payload, bytes) else b""


def _charset(part: Part) -> str | None:
    try:
        return part.get_content_charset()
    except _BROKEN:
        return None


def _attachment(number: str, part: Part) -> Attachment:
    """A file's name, type, size and number in the mail; its content is not kept."""
    try:
        name = part.get_filename()
    except _BROKEN:
        name = None
    size = None if part.is_multipart() else len(_bytes(part))
    label = _one_line(_decoded(name or ""))[:200]
    return Attachment(mime=part.get_content_type(), name=label or None, size=size, ref=number)


def decoded(head: bytes, body: bytes) -> bytes:
    """A part's content; `head` are its own header lines."""
    part = Part()
    part["Content-Transfer-Encoding"] = encoding(head)
    part.set_payload(body.decode("ascii", "surrogateescape"))
    return _bytes(part)


def encoding(head: bytes) -> str:
    """How a part is encoded, in lower case; "" for not at all."""
    return header(message_from_bytes(head), "Content-Transfer-Encoding").lower()
