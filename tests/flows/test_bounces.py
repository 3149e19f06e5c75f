"""A bounce takes the answer back: the customer has waited since the first message (DESIGN §5)."""

from dataclasses import replace
from datetime import datetime, timedelta

from connectors.core.contract import Author, Direction, Kind, Message
from inbox.flows.ingest import ingest
from inbox.store import accounts, turns
from inbox.store.session import Store
from inbox.store.tables import Account, TurnRow
from tests.clock import Clock

ANN = Author("ann@mail.example", "ann@mail.example", "Ann")
DAEMON = Author("mailer-daemon@mail.example", "mailer-daemon@mail.example")


def test_a_bounce_opens_the_turn_again_since_its_first_message(store: Store, clock: Clock) -> None:
    account = _account(store, clock())
    asked = _mail("1", "c1@mail.example", ANN, clock())
    answer = replace(
        _mail("2", "ours@brand.example", None, clock() + timedelta(hours=1)),
        direction=Direction.OUT,
        references=("c1@mail.example",),
    )
    bounce = replace(
        _mail("3", "b1@mail.example", DAEMON, clock() + timedelta(hours=2)),
        automated=True,
        references=("ours@brand.example",),
        platform={"bounce_of": "ours@brand.example"},
    )
    later = clock() + timedelta(hours=3)
    ingest(store, account, [asked, answer], classifier=None, now=later)
    assert [t.end for t in _turns(store)] == ["answered"]
    for _ in range(2):
        ingest(store, account, [bounce], classifier=None, now=later)
    (turn,) = _turns(store)
    assert (turn.end, turn.opened_at) == (None, asked.sent_at)


def test_a_bounce_of_a_copy_leaves_the_answer_with_the_customer(
    sqlite_store: Store, clock: Clock
) -> None:
    account = _account(sqlite_store, clock())
    answer = replace(
        _mail("2", "ours@brand.example", None, clock() + timedelta(hours=1)),
        direction=Direction.OUT,
        references=("c1@mail.example",),
        platform={"others": [["pat@mail.example", "Pat"], ["lee@shop.example", ""]]},
    )
    asked = _mail("1", "c1@mail.example", ANN, clock())
    later = clock() + timedelta(hours=3)
    ingest(sqlite_store, account, [asked, answer], classifier=None, now=later)
    for bounced, end in (["pat@mail.example"], "answered"), (["pat@mail.example", ANN.id], None):
        bounce = replace(
            _mail(str(len(bounced) + 2), f"b{len(bounced)}@mail.example", DAEMON, later),
            automated=True,
            references=("ours@brand.example",),
            platform={"bounce_of": "ours@brand.example", "bounced": bounced},
        )
        ingest(sqlite_store, account, [bounce], classifier=None, now=later)
        assert [t.end for t in _turns(sqlite_store)] == [end]


def _turns(store: Store) -> list[TurnRow]:
    with store.read() as session:
        return turns.evidence(session, 1)


def _account(store: Store, now: datetime) -> Account:
    with store.write() as session:
        id_ = accounts.add(session, "email", "support@brand.example", now)
    with store.read() as session:
        return session.get_one(Account, id_)


def _mail(external_id: str, message_id: str, author: Author | None, at: datetime) -> Message:
    return Message(
        external_id,
        "c1@mail.example",
        Direction.IN,
        "words",
        at,
        author,
        kind=Kind.EMAIL,
        message_id=message_id,
    )
