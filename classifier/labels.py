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


class Tone(StrEnum):
    """How it is said: a hint beside the tags, nothing more."""

    PRAISE = "praise"
    ANGRY = "angry"
    NEUTRAL = "neutral"


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

OTHER_TOPIC = "other"

# What a message of a category is about, in a word: it chooses playbooks and saved answers.
TOPIC_MEANING: dict[Category, dict[str, str]] = {
    Category.ACCOUNT: {
        "sign_up": "Signing up",
        "code_missing": "Code does not arrive",
        "verification": "Verification of identity",
        "password": "Password forgotten or refused",
        "personal_data": "Wrong or changed personal data",
        "locked": "Account locked or frozen",
        "closing": "Closing the account",
    },
    Category.PAYMENT: {
        "failed": "Payment or transfer failed",
        "pending": "Payment or transfer hangs",
        "charged_twice": "Charged twice or wrongly",
        "top_up": "Top-up",
        "payout": "Payout",
        "limit": "A limit was met",
        "method": "Card, bank or method not taken",
        "wrong_recipient": "Sent to the wrong person",
    },
    Category.REFUND: {
        "request": "Asks for money back",
        "status": "Where the refund is",
        "amount": "Refund of a wrong amount",
        "rejected": "Refund rejected",
        "dispute": "Dispute with a seller",
    },
    Category.SECURITY: {
        "unrecognised_charge": "Unknown charge",
        "suspicious_login": "Unknown login or device",
        "takeover": "Account taken over",
        "phishing": "Phishing reported",
        "impostor": "Impostor reported",
        "blocked": "Blocked by risk control",
        "two_step": "Two-step verification",
        "lost_phone": "Lost or stolen phone",
        "scammed": "Was cheated",
    },
    Category.FEEDBACK: {
        "complaint": "Complaint",
        "bug": "Something does not work",
        "suggestion": "Suggestion",
        "praise": "Praise",
        "media": "Question of a journalist",
    },
    Category.GENERAL: {
        "how_to": "How something works",
        "supported": "Whether something is supported",
        "fees": "Fees",
        "contact": "Hours and contact",
        "merchants": "Selling with us",
        "jobs": "Jobs",
        "chat": "Greetings, thanks, small talk",
    },
    Category.SPAM: {
        "advert": "Advert",
        "scam": "Scam",
        "impersonation": "Poses as us or as someone else",
        "recovery": "Offers to recover money",
        "follow": "Follow for follow",
        "trading": "Trades accounts",
    },
}
TOPICS: dict[Category, tuple[str, ...]] = {
    category: (*topics, OTHER_TOPIC) for category, topics in TOPIC_MEANING.items()
}
