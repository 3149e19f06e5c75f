"""The two label sets of the classifier, with the words the interface shows beside them.

`docs/labels.md` holds the long form with the borders; a test keeps both in step.
"""

from enum import StrEnum

from classifier.text import word


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
    Category.ACCOUNT: word(
        "Access and identity: sign-up, codes, verification, personal data, a lock "
        "with no hint of a third party"
    ),
    Category.PAYMENT: word(
        "A payment, transfer, top-up or payout that failed, hangs, was charged "
        "wrongly or met a limit"
    ),
    Category.REFUND: word("Money is asked back: request, status, amount, rejection or dispute"),
    Category.SECURITY: word(
        "Theft, takeover, unknown charge or login, phishing, a risk block, "
        "two-step verification, lost phone"
    ),
    Category.FEEDBACK: word(
        "An opinion on app, fees or service: complaint, bug, suggestion, praise, "
        "a media question about conduct"
    ),
    Category.GENERAL: word(
        "How it works, what is supported, fees, hours, jobs, merchants, greetings, thanks"
    ),
    Category.SPAM: word("The message itself is an advert, a scam, an impostor or account trading"),
}

URGENCY_MEANING: dict[Urgency, str] = {
    Urgency.CRITICAL: word(
        "Money is leaving now, a takeover runs, a large loss, or a legal, regulator or press threat"
    ),
    Urgency.HIGH: word(
        "Own money blocked with a need or deadline, third contact, shop cannot sell, "
        "small unknown charge, live impostor"
    ),
    Urgency.NORMAL: word("An ordinary problem, or a request that asks for an action"),
    Urgency.LOW: word("Praise, general question, suggestion, mild gripe, chit-chat, spam"),
}

OTHER_TOPIC = "other"

# What a message of a category is about, in a word: it chooses playbooks and saved answers.
TOPIC_MEANING: dict[Category, dict[str, str]] = {
    Category.ACCOUNT: {
        "sign_up": word("Signing up"),
        "code_missing": word("Code does not arrive"),
        "verification": word("Verification of identity"),
        "password": word("Password forgotten or refused"),
        "personal_data": word("Wrong or changed personal data"),
        "locked": word("Account locked or frozen"),
        "closing": word("Closing the account"),
    },
    Category.PAYMENT: {
        "failed": word("Payment or transfer failed"),
        "pending": word("Payment or transfer hangs"),
        "charged_twice": word("Charged twice or wrongly"),
        "top_up": word("Top-up"),
        "payout": word("Payout"),
        "limit": word("A limit was met"),
        "method": word("Card, bank or method not taken"),
        "wrong_recipient": word("Sent to the wrong person"),
    },
    Category.REFUND: {
        "request": word("Asks for money back"),
        "status": word("Where the refund is"),
        "amount": word("Refund of a wrong amount"),
        "rejected": word("Refund rejected"),
        "dispute": word("Dispute with a seller"),
    },
    Category.SECURITY: {
        "unrecognised_charge": word("Unknown charge"),
        "suspicious_login": word("Unknown login or device"),
        "takeover": word("Account taken over"),
        "phishing": word("Phishing reported"),
        "impostor": word("Impostor reported"),
        "blocked": word("Blocked by risk control"),
        "two_step": word("Two-step verification"),
        "lost_phone": word("Lost or stolen phone"),
        "scammed": word("Was cheated"),
    },
    Category.FEEDBACK: {
        "complaint": word("Complaint"),
        "bug": word("Something does not work"),
        "suggestion": word("Suggestion"),
        "praise": word("Praise"),
        "media": word("Question of a journalist"),
    },
    Category.GENERAL: {
        "how_to": word("How something works"),
        "supported": word("Whether something is supported"),
        "fees": word("Fees"),
        "contact": word("Hours and contact"),
        "merchants": word("Selling with us"),
        "jobs": word("Jobs"),
        "chat": word("Greetings, thanks, small talk"),
    },
    Category.SPAM: {
        "advert": word("Advert"),
        "scam": word("Scam"),
        "impersonation": word("Poses as us or as someone else"),
        "recovery": word("Offers to recover money"),
        "follow": word("Follow for follow"),
        "trading": word("Trades accounts"),
    },
}
TOPICS: dict[Category, tuple[str, ...]] = {
    category: (*topics, OTHER_TOPIC) for category, topics in TOPIC_MEANING.items()
}
