"""Our answer to a mail: who it goes to, its thread, its words. Pure."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from connectors.core.contract import Outgoing, Upload
from connectors.core.errors import Refused
from connectors.core.mail import ascii_address, new_message, new_message_id
from connectors.email.capabilities import MAX_FILES_BYTES
from connectors.email.parse import NO_ID_DOMAIN

MAX_SUBJECT = 200
MAX_REFERENCES = 40  # root and latest: a chain of thousands makes a header that servers refuse
_MIME = re.compile(r"(?!message/|multipart/)([a-z]+)/([\w.+-]+)", re.IGNORECASE)
_RE = re.compile(r"^((re|aw|sv|antw|回复|回覆|答复)(\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE)
_OWN = re.compile(r"([0-9a-f]{32})@(.+)")


def compose(reply: Outgoing, address: str, name: str | None, now: datetime) -> EmailMessage:
    """The mail that answers `reply.message_id` under the Message-ID made from `reply.key`."""
    mail = new_message()
    try:
        mail["From"] = _mailbox(address, name)
        mail["To"] = _mailbox(recipient(reply), reply.to.name)
        if reply.copies:
            mail["Cc"] = [_mailbox(one.id, one.name) for one in reply.copies]
    except (ValueError, IndexError) as e:
        raise Refused("This is not an address that mail can be sent to.") from e
    mail["Subject"] = reply_subject(reply.subject)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{own_message_id(reply.key, address)}>"
    if chain := reference_chain(reply):
        mail["In-Reply-To"] = f"<{chain[-1]}>"
        mail["References"] = " ".join(f"<{i}>" for i in chain)
    if reply.address_token:
        mail["Reply-To"] = _mailbox(with_token(address, reply.address_token), name)
    mail.set_content(reply.text.replace("\r\n", "\n").replace("\r", "\n"), charset="utf-8")
    if sum(len(file.data) for file in reply.files) > MAX_FILES_BYTES:
        raise Refused("The files are too large for one mail: at most 20 MB together.")
    for file in reply.files:
        _attach(mail, file)
    return mail


def _attach(mail: EmailMessage, file: Upload) -> None:
    kind = _MIME.fullmatch(file.mime)
    # A mail within a mail may not be encoded as other files are; as bytes it arrives unchanged.
    main, sub = kind.groups() if kind else ("application", "octet-stream")
    headers = [f"Content-Description: {_shown(file.description)}"] if file.description else []
    mail.add_attachment(
        file.data,
        maintype=main,
        subtype=sub,
        filename=_shown(file.name) or "file",
        headers=headers,
    )


def recipient(reply: Outgoing) -> str:
    """The address that the customer asked answers to go to, else the one it wrote from."""
    return str(reply.platform.get("reply_to") or reply.to.id)


def reference_chain(reply: Outgoing) -> tuple[str, ...]:
    """The thread's Message-IDs, the answered one last; ids that we made up are left out."""
    ids = [*reply.references, *([reply.message_id] if reply.message_id else [])]
    last_wins = list(dict.fromkeys(reversed([i for i in ids if not i.endswith(NO_ID_DOMAIN)])))
    chain = tuple(reversed(last_wins))
    return chain if len(chain) <= MAX_REFERENCES else chain[:1] + chain[-(MAX_REFERENCES - 1) :]


def reply_subject(subject: str | None) -> str:
    """`Re: …` once, on one line, whatever the customer's subject holds."""
    words = " ".join("".join(c if c.isprintable() else " " for c in subject or "").split())
    return f"Re: {_RE.sub('', words)[:MAX_SUBJECT]}".strip()


def own_message_id(key: str, address: str) -> str:
    return new_message_id(key, ascii_address(address).rpartition("@")[2].lower())


def own_key(message_id: str, address: str) -> str | None:
    """The outbox key in a Message-ID of ours, None in anyone else's."""
    found = _OWN.fullmatch(message_id)
    return found[1] if found and own_message_id(found[1], address) == message_id else None


def with_token(address: str, token: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}+{token}@{domain}"


def token_in(addresses: tuple[str, ...], address: str) -> str | None:
    """The token of the first `local+token@domain` among lower-cased addresses."""
    local, _, domain = address.lower().rpartition("@")
    pattern = re.compile(rf"{re.escape(local)}\+([a-z0-9_-]{{1,64}})@{re.escape(domain)}")
    return next((m[1] for a in addresses if (m := pattern.fullmatch(a))), None)


def is_ours(address: str, us: str) -> bool:
    """Whether a lower-cased address is our own, or one of our answer addresses."""
    return address == us or token_in((address,), us) is not None


def _mailbox(address: str, name: str | None) -> Address:
    local, _, domain = ascii_address(address).rpartition("@")
    return Address(_shown(name or ""), username=local, domain=domain)


def _shown(name: str) -> str:
    """A name on one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())[:100]
