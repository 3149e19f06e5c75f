"""Sample pages of routing rules; all invented."""

from datetime import timedelta

from inbox.web.pages import Frame
from inbox.web.pages_rules import Hit, RuleForm, RuleRow, RulesPage, Tried, Version
from inbox.web.rules_view import BLANK
from inbox.web.style_people import ADA, EMAIL, NOW, X

PEOPLE = {ADA.email: ADA.name}
POLICIES = {"social": "Social media", "press": "Press"}
CHANNELS = {"x": "X", "email": "E-mail"}
ACKNOWLEDGE = "Dear {customer}, we have your message. {brand} answers by {due}."


def sample_rules(frame: Frame) -> RulesPage:
    """One rule of each kind, the last switched off."""
    night = (("channels", ("x", "email")), ("off_duty", ()), ("hours", ("18:00–08:00",)))
    stolen = (("words", ("stolen", "被盗")), ("contact_tags", ("press",)))
    rows = (
        RuleRow("night", "At night", True, night, (("acknowledge", (ACKNOWLEDGE,)),), 37),
        RuleRow(
            "stolen",
            "Stolen cards",
            True,
            stolen,
            (
                ("assign", (ADA.email,)),
                ("notify", ("leads", "team:Iberia")),
                ("urgency", ("critical",)),
                ("policy", ("press",)),
                ("tag_contact", ("stolen",)),
            ),
            4,
        ),
        RuleRow(
            "cards", "Card numbers in public", False, (("findings", ("card",)),), (("hide", ()),)
        ),
    )
    versions = (
        Version(2, NOW - timedelta(hours=1), ADA.email, True, None),
        Version(1, NOW - timedelta(days=2), "cli", False, None),
    )
    return RulesPage(frame, rows, versions, 2, PEOPLE, CHANNELS, POLICIES, done="saved", undo=1)


def sample_rule_form(frame: Frame) -> RuleForm:
    """A rule that was tried on last week."""
    given = BLANK | {
        "id": "night",
        "name": "At night",
        "on": False,
        "channels": ["x"],
        "words": ["stolen", "被盗"],
        "off_duty": True,
        "hours": "18:00-08:00",
        "notify": ["leads"],
        "urgency": "critical",
        "acknowledge": ACKNOWLEDGE,
    }
    options = {
        "channels": ("x", "email"),
        "accounts": ("x/@lumenpay", "email/help@lumenpay.example"),
        "categories": ("account", "payment", "refund", "security"),
        "urgencies": ("low", "normal", "high", "critical"),
        "findings": ("card",),
    }
    hits = (
        Hit(3, "Marta Iglesias", X, NOW - timedelta(hours=15), "My card was stolen, please help"),
        Hit(8, "王芳", EMAIL, NOW - timedelta(days=2), "我的卡被盗了，请马上冻结"),
    )
    counts = (("urgency", "critical", 2), ("acknowledge", ACKNOWLEDGE, 2))
    tried = Tried(NOW - timedelta(days=7), 812, False, 2, counts, hits)
    receivers = ("leads", "team:Iberia", *PEOPLE)
    about = ("night", given, options, PEOPLE, CHANNELS, ("press",), 2, receivers, POLICIES)
    return RuleForm(frame, *about, known=True, unseen=True, tried=tried)


def sample_no_rules(frame: Frame) -> RulesPage:
    return RulesPage(frame, (), (), 0, {}, {}, {})
