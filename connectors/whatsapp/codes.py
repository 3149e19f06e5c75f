"""WhatsApp's error codes in plain words: of calls, and of messages that failed later.

Facts: Meta's page "Error codes" as pywa 4.5.0 lists them, Nov 2026.
"""

from collections.abc import Mapping

from connectors._graph import Codes, inner, text
from connectors.core.contract import Json, word
from connectors.core.errors import RateLimited, Refused, Row, WindowClosed

WINDOW = 131047
BUSY: Mapping[int, str] = {
    130429: "Too many messages a second from this number.",
    131048: "Meta slows this number down: too many people blocked or reported it.",
    131056: "Too many messages to this person in a short time.",
}
FINAL: Mapping[int, str] = {
    130472: "Meta keeps this person's number out of such messages in an experiment.",
    131005: "The access token may not do this. Give it whatsapp_business_messaging.",
    131008: "Meta misses something in the message.",
    131009: "Meta does not take something in the message.",
    131021: "A number cannot write to itself.",
    131026: "WhatsApp could not deliver it. The person may not use WhatsApp, or an old version.",
    131031: "Meta has locked this account. Look into WhatsApp Manager.",
    131037: "The number has no approved display name yet.",
    131042: "Meta cannot charge the account. Look at its payment method.",
    131045: "The number is not registered. Register it in WhatsApp Manager.",
    131049: "Meta did not deliver it, to keep people from too many messages.",
    131050: "The person does not want such messages.",
    131051: "WhatsApp does not support this kind of message.",
    131052: "The customer's file could not be fetched.",
    131053: "WhatsApp did not take the file. Its type or size may be wrong.",
    131062: "This person can be reached by phone number only, which WhatsApp does not show.",
    133010: "The number is not registered with the Cloud API.",
    139100: "WhatsApp did not do it. It blocks only people who wrote in the last 24 hours.",
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
    return known or said or "WhatsApp gave no reason."
