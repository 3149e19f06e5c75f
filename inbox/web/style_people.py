"""Invented people and their conversations, for the style page and for tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from inbox.web.pages import Channel, Clock, Frame, Me, Person, Tags, day_line, tags, waiting_line
from inbox.web.pages import channel as named
from inbox.web.pages_accounts import Account, AccountsPage, Health
from inbox.web.pages_door import Door, ErrorPage, SetupPage, SignInPage
from inbox.web.pages_list import ListPage, Row, foot, groups, tide, views

NOW = datetime(2026, 11, 19, 13, 20, tzinfo=UTC)
ZONE = "Europe/Lisbon"
ADA = Person("Ada Voss", "AV", "ada.voss@lumenpay.example", 1)
BO = Person("Bo Narin", "BN", "bo.narin@lumenpay.example", 2)
X = named("x", "X")
EMAIL = named("email", "E-mail")
WEBHOOK = named("webhook", "Webhook")
DEMO = named("demo", "Demo")


def sample_frame(locale: str = "en", theme: str = "system", place: str = "inbox") -> Frame:
    """Ada's frame: two overdue, six unread."""
    me = Me(1, "Ada Voss", "AV", "ada.voss@lumenpay.example", "admin", admin=True, leads=True)
    me = replace(me, presence="online")
    return Frame(
        brand="Lumen Pay",
        me=me,
        now=NOW,
        zone=ZONE,
        locale=locale,
        theme=theme,
        place=place,
        overdue=2,
        unread=4,
        event=41,
    )


def due_in(minutes: float, target_h: float = 24) -> Clock:
    """A running clock with so many minutes left (negative: late)."""
    due_at = NOW + timedelta(minutes=minutes)
    return day_line(due_at - timedelta(hours=target_h), due_at, NOW)


def sample_rows() -> tuple[Row, ...]:
    """Rows in every state, ordered by what is due first."""
    return (*_today(), *_tomorrow(), _waiting())


def _row(number: int, on: Channel, who: str, minutes: float, preview: str, tag: Tags) -> Row:
    return Row(number, on, who, preview, tag, due_in(minutes))


def _owned(row: Row, owner: Person) -> Row:
    return replace(row, owner=owner, mine=owner is ADA)


def _today() -> tuple[Row, ...]:
    transfer = (
        "Third day asking: where is my transfer of €240? You keep sending me round in circles"
    )
    card = "My card 4••• •••• •••• 1881 was charged twice at the station, please look"
    refund = "银行说没有收到退款，已经第三天了。请问到底什么时候能到账？"
    merchant = "Re: Order 88-1204: the merchant says the money is with you, you say it is not"
    code = "لم يصلني رمز التأكيد منذ الصباح ولا أستطيع الدخول"
    app = "The app signs me out each time I open Cards. Reinstalled it twice already"
    both = [("payment", 0.48), ("refund", 0.41)]
    two = tags(both, ("normal", 0.7), ("payment", "refund"))
    ask = tags([("general", 0.3)])
    by_hand = tags((), ("high", 0.8), by_person="account")
    late = _row(11, X, "Tomás Freixo", -192.5, transfer, _sure("payment", 0.97, "high"))
    masked = _row(12, WEBHOOK, "Ines Aldana", -48.2, card, _sure("security", 0.91, "critical"))
    return (
        replace(late, unread=3, escalated=True),
        replace(_owned(masked, BO), findings=("card",)),
        _owned(
            _row(
                13,
                X,
                "林月 Lin Yue",
                42.2,
                refund,
                _sure("refund", 0.94, "high", "status", "angry"),
            ),
            ADA,
        ),
        replace(_row(14, EMAIL, "Oskar Lindqvale", 68.5, merchant, two), unread=1),
        _owned(_row(15, X, "سلمى درويش", 111.4, code, by_hand), ADA),
        replace(
            _row(16, DEMO, "Jun Okabeya", 206.3, "これ、どうすればいいですか？", ask), unread=1
        ),
        _owned(_row(17, WEBHOOK, "Priya Rangholt", 340.6, app, _sure("account", 0.92)), BO),
    )


def _sure(
    category: str, share: float, urgency: str = "normal", topic: str = "", tone: str = ""
) -> Tags:
    return tags([(category, share)], (urgency, 0.81), (category,), topic=topic, tone=tone)


def _tomorrow() -> list[Row]:
    people = ("Hanne Dybwick", "Kofi Mensalem", "Elio Santavra", "Noor Vandalen", "Zsófia Kelemend")
    words = "Thank you! One more question about my card"
    feedback = _sure("feedback", 0.74, "low")
    return [_row(20 + i, X, who, 1020 + 75 * i, words, feedback) for i, who in enumerate(people)]


def _waiting() -> Row:
    asked = "Could you tell us on which day you ordered the new card?"
    row = _row(30, EMAIL, "Dario Vennholm", 0, asked, tags((), by_person="account"))
    clock = waiting_line(NOW - timedelta(hours=2))
    return replace(_owned(row, ADA), clock=clock, ours_last="me")


def sample_accounts() -> tuple[Account, ...]:
    """Accounts in several states of health."""
    return (
        Account(1, X, "@lumenpay", Health("ok", NOW - timedelta(seconds=40)), conversations=812),
        Account(
            2,
            EMAIL,
            "help@lumenpay.example",
            Health("silent", NOW - timedelta(minutes=26)),
            conversations=390,
        ),
        Account(3, WEBHOOK, "app", Health("new"), base_url="https://app.lumenpay.example"),
        Account(
            4,
            X,
            "@lumenpay_pt",
            Health("revoked", NOW - timedelta(hours=3), why="401: the token was revoked"),
            conversations=44,
        ),
        Account(5, EMAIL, "old@lumenpay.example", Health("imported"), conversations=1204),
        Account(
            6,
            X,
            "@lumencards",
            Health("limited", NOW, until=NOW + timedelta(minutes=12)),
            conversations=9,
        ),
    )


def sample_list(frame: Frame, selected: int | None = 13) -> ListPage:
    """The list with its tide and its foot."""
    rows = tuple(replace(row, selected=row.id == selected) for row in sample_rows())
    due = sorted(row.clock.due_at for row in rows if row.clock.due_at is not None)
    late = sum(at < NOW for at in due)
    counts: dict[str, int | None] = {"due": 12, "mine": 3, "unassigned": 7, "waiting": 1}
    return ListPage(
        frame=frame,
        view="due",
        views=views("due", counts),
        groups=groups(rows, NOW, ZONE),
        foot=foot(sample_accounts()),
        tide=tide(
            late,
            [(at, 1) for at in due if NOW <= at <= NOW + timedelta(days=1)],
            NOW,
            ZONE,
            [(NOW + timedelta(hours=8, minutes=40), NOW + timedelta(hours=16, minutes=40))],
        ),
    )


def sample_empty(frame: Frame) -> ListPage:
    """The list when nobody waits."""
    return ListPage(
        replace(frame, overdue=0, unread=0),
        "due",
        views("due", {}),
        (),
        foot(sample_accounts()[:1]),
    )


def sample_accounts_page(frame: Frame) -> AccountsPage:
    return AccountsPage(frame, sample_accounts())


def sample_door(locale: str = "en", theme: str = "system") -> Door:
    return Door("Lumen Pay", NOW, ZONE, locale, theme)


def sample_sign_in(door: Door, error: str = "") -> SignInPage:
    return SignInPage(door, "ada.voss@lumenpay.example" if error else "", error=error)


def sample_setup(door: Door, token: str = "") -> SetupPage:
    errors = (("password", "short"),) if token else (("code", "wrong"),)
    return SetupPage(door, token, "Ada Voss", "", errors)


def sample_error(door: Door, status: int) -> ErrorPage:
    return ErrorPage(door, status, "7f3a91c2" if status == 500 else "")


def sample_for_others(door: Door) -> ErrorPage:
    """A page that the reader's role may not open."""
    roles = frozenset({"lead", "admin"})
    return ErrorPage(door, 404, role="agent", only_for=roles, who=("Ada Voss", "Dee Larsen"))
