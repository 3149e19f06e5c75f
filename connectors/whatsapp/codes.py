"""WhatsApp's error codes in plain words: of calls, and of messages that failed later.

Facts: Meta's page "Error codes" as pywa 4.5.0 lists them, Nov 2026.
"""

from collections.abc import Mapping

from connectors._graph import Codes, inner, text
from connectors.core.contract import Json, word
from connectors.core.errors import RateLimited, Refused, Row, WindowClosed

WINDOW = 131047
BUSY: Mapping[int, str] = {
    130429: word("Too many messages a second from this number."),
    131048: word("Meta slows this number down: too many people blocked or reported it."),
    131056: word("Too many messages to this person in a short time."),
}
FINAL: Mapping[int, str] = {
    130472: word("Meta keeps this person’s number out of such messages in an experiment."),
    131005: word("The access token may not do this. Give it whatsapp_business_messaging."),
    131008: word("Meta misses something in the message."),
    131009: word("Meta does not take something in the message."),
    131021: word("A number cannot write to itself."),
    131026: word(
        "WhatsApp could not deliver it. The person may not use WhatsApp, or an old version."
    ),
    131031: word("Meta has locked this account. Look into WhatsApp Manager."),
    131037: word("The number has no approved display name yet."),
    131042: word("Meta cannot charge the account. Look at its payment method."),
    131045: word("The number is not registered. Register it in WhatsApp Manager."),
    131049: word("Meta did not deliver it, to keep people from too many messages."),
    131050: word("The person does not want such messages."),
    131051: word("WhatsApp does not support this kind of message."),
    131052: word("The customer’s file could not be fetched."),
    131053: word("WhatsApp did not take the file. Its type or size may be wrong."),
    131062: word("This person can be reached by phone number only, which WhatsApp does not show."),
    133010: word("The number is not registered with the Cloud API."),
    139100: word("WhatsApp did not do it. It blocks only people who wrote in the last 24 hours."),
}
CLOSED = word("WhatsApp takes no answer more than 24 hours after the person last wrote.")


def _row(kind: type[Refused] | type[RateLimited], words: str) -> Row:
    return lambda a: kind(words)


CODES: Codes = {
    **{code: _row(RateLimited, words) for code, words in BUSY.items()},
    **{code: _row(Refused, words) for code, words in FINAL.items()},
    WINDOW: _row(WindowClosed, CLOSED),
}


def why(error: Json) -> str:
    """The reason of a message that failed; Meta's own words where we have none."""
    code = error.get("code")
    known = {**BUSY, **FINAL, WINDOW: CLOSED}.get(code) if isinstance(code, int) else None
    told = (text(inner(error, "error_data"), "details"), text(error, "message"))
    said = next(filter(None, (*told, text(error, "title"))), "")
    return known or said or word("WhatsApp gave no reason.")
