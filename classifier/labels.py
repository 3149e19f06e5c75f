"""The two label sets of the classifier, with the words the interface shows beside them.

`docs/labels.md` holds the long form with the borders; a test keeps both in step.
"""

from enum import StrEnum


class Category(StrEnum):
    ACCOUNT = "account"
    PAYMENT = "payment"
    REFUND = "refund"
    SECURITY = "security"
    FEEDBACK = "feedback"
    GENERAL = "general"
    SPAM = "spam"


class Urgency(StrEnum):
    """In rising order; `list(Urgency).index(u)` is the rank."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


CATEGORY_MEANING: dict[Category, str] = {
    Category.ACCOUNT: "Access and identity: sign-up, codes, verification, personal data, a lock "
    "with no hint of a third party",
    Category.PAYMENT: "A payment, transfer, top-up or payout that failed, hangs, was charged "
    "wrongly or met a limit",
    Category.REFUND: "Money is asked back: request, status, amount, rejection or dispute",
    Category.SECURITY: "Theft, takeover, unknown charge or login, phishing, a risk block, "
    "two-step verification, lost phone",
    Category.FEEDBACK: "An opinion on app, fees or service: complaint, bug, suggestion, praise, "
    "a media question about conduct",
    Category.GENERAL: "How it works, what is supported, fees, hours, jobs, merchants, greetings, "
    "thanks",
    Category.SPAM: "The message itself is an advert, a scam, an impostor or account trading",
}

URGENCY_MEANING: dict[Urgency, str] = {
    Urgency.CRITICAL: "Money is leaving now, a takeover runs, a large loss, or a legal, regulator "
    "or press threat",
    Urgency.HIGH: "Own money blocked with a need or deadline, third contact, shop cannot sell, "
    "small unknown charge, live impostor",
    Urgency.NORMAL: "An ordinary problem, or a request that asks for an action",
    Urgency.LOW: "Praise, general question, suggestion, mild gripe, chit-chat, spam",
}
