"""A mail of plain words to one of the team, through the one SMTP door."""

from email.utils import parseaddr

from connectors.core.errors import Transient
from connectors.core.mail import Smtp, new_message, new_message_id
from inbox.config import Settings
from inbox.store.tables import Brand
from templates import closest_locale


def post(settings: Settings, *, to: str, subject: str, text: str, key: str) -> None:
    """Hands the mail to the server; `key` makes its Message-ID. Raises what `Smtp.send` raises."""
    assert settings.smtp_url is not None
    sender = parseaddr(settings.mail_from)[1]
    mail = new_message()
    mail["From"] = settings.mail_from
    mail["To"] = to
    mail["Subject"] = subject.strip()
    mail["Message-ID"] = f"<{new_message_id(key, sender.rpartition('@')[2] or 'localhost')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    try:
        door = Smtp.from_url(settings.smtp_url.get_secret_value())
    except ValueError as e:
        raise Transient(f"REPLYDESK_SMTP_URL: {e}") from e
    door.send(mail, sender, to)


def language(own: str | None, brand: Brand | None) -> str:
    """The language of a mail to someone who chose `own`, or nothing yet."""
    return closest_locale(own or (brand.locale if brand else "en"))
