"""Both databases find exactly what the rule in Python finds, by each of the ways to it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from inbox.domain.search import Query, matches, needles_of, search_text
from inbox.store import finding, messages, search
from inbox.store.filters import Wanted
from inbox.store.session import Store
from inbox.store.tables import Contact, Conversation, Message, MessageSearch
from tests.clock import MONDAY
from tests.factories import make_account, make_conversation, make_user

WORDS = (
    *("款", "退款", "我要退款", "要退", "refund", "refu", "Refunds", "ＲＥＦＵＮＤ", "fund"),
    *("ありがとう", "ｶﾞｯｺｳ", "カード", "환불", "환불해 주세요", "استرداد", "المبلغ", "हिन्दी", "ก่อน"),
    *("👍🏽", "👩‍💻", "e\u0301té", "été", "ß", "İstanbul", "ΟΔΟΣ", "re\u200bfund", "①", "𠮷野家"),
    *('"', "*", "-refund", "NEAR(", "AND", "OR", "NOT", ":", "|", "&", "!", "'", "\\", "<->", "%_"),
    *("o'brien", "a@b.example", "C++", "12:30", "^", "(", ")", "{a b}", "\ufffd", "x" * 120),
)
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
TEXTS = st.lists(st.sampled_from(WORDS) | ANY, max_size=6).map(" ".join) | st.lists(
    st.sampled_from(WORDS), max_size=4
).map("".join)
ASKED = st.lists(st.sampled_from(WORDS) | ANY, min_size=1, max_size=3).map(" ".join)
ONE_BY_ONE = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(params=["newest", "few", "indexed"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Only this way is open; the index is read in parts of two."""
    name: str = request.param
    if name != "newest":
        monkeypatch.setattr(finding, "WALKED", 0)
    if name != "few":
        monkeypatch.setattr(finding, "FEW", -1)
    monkeypatch.setattr(finding, "PART", 2)
    monkeypatch.setattr(finding, "SOME", 1)
    return name


@pytest.fixture
def scratch(store: Store) -> Iterator[Session]:
    """Three conversations of one account; nothing is kept."""
    account = make_account(store)
    for _ in range(3):
        make_conversation(store, account)
    with Session(store.writer) as session, session.begin() as transaction:
        session.execute(delete(MessageSearch))
        yield session
        transaction.rollback()


def write(session: Session, texts: list[str]) -> list[int]:
    """Messages by turns in the three conversations, in an order of time that is not theirs."""
    places = session.execute(
        select(Conversation.id, Conversation.account_id).order_by(Conversation.id)
    ).all()
    rows = [
        {
            "account_id": places[at % 3].account_id,
            "external_id": f"w{at}",
            "thread": "t",
            "conversation_id": places[at % 3].id,
            "direction": "in",
            "role": "customer",
            "kind": "dm",
            "visibility": "private",
            "author_name": "Ann 李" if at % 4 == 0 else None,
            "text": said,
            "sent_at": MONDAY + timedelta(minutes=(at * 7) % 5),
            "sent_at_source": "platform",
            "stored_at": MONDAY,
        }
        for at, said in enumerate(texts)
    ]
    return list(messages.add(session, rows).values())


def scan(session: Session, needles: tuple[str, ...]) -> list[tuple[int, int]]:
    """(conversation, newest message that has all needles), newest first, by the rule alone."""
    rows = session.execute(select(Message).where(Message.thread == "t")).scalars().all()
    newest: dict[int | None, Message] = {}
    for row in sorted(rows, key=lambda m: search.key_of(m.sent_at, m.id)):
        words = search_text(row.subject, row.text, row.author_name, row.author_handle)
        if row.deleted_at is None and matches(words, needles):
            newest[row.conversation_id] = row
    found = sorted(newest.values(), key=lambda m: search.key_of(m.sent_at, m.id), reverse=True)
    return [(m.conversation_id or 0, m.id) for m in found]


def found_by(session: Session, needles: tuple[str, ...], size: int = 9) -> list[tuple[int, int]]:
    """The same by the database, page after page."""
    wanted = Wanted(Query(needles=needles, channel="x"), MONDAY)
    pages: list[tuple[int, int]] = []
    after = None
    while hits := finding.find(session, wanted, size, after):
        pages += [(hit.conversation_id, hit.message_id or 0) for hit in hits]
        after = hits[-1].place
    return pages


@given(st.data())
@ONE_BY_ONE
def test_what_is_found_is_what_a_scan_finds(
    scratch: Session, way: str, data: st.DataObject
) -> None:
    texts = data.draw(st.lists(TEXTS, min_size=1, max_size=7))
    asked = data.draw(st.lists(ASKED, min_size=1, max_size=4))
    with scratch.begin_nested() as part:
        ids = write(scratch, texts)
        changed = data.draw(st.sampled_from(ids))
        messages.change(scratch, changed, None, MONDAY, text=data.draw(TEXTS))
        if data.draw(st.booleans()):
            messages.forget(scratch, data.draw(st.sampled_from(ids)), MONDAY)
        scratch.expire_all()
        for words in (*asked, *texts[:1]):
            if needles := needles_of(words):
                expected = scan(scratch, needles)
                assert found_by(scratch, needles) == expected
                assert found_by(scratch, needles, 1) == expected
        part.rollback()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("款", True),
        ("退款", True),
        ("我要退款", True),
        ("要我", False),
        ("款退", False),
        ("refund", True),
        ("refu", True),
        ("fund", False),
        ('"refu"', False),
        ("refu 退款", False),
        ("退款 refu", True),
        ("-refund", True),
        ("NOT refund", False),
        ("refund*", True),
        ("refund|nothing", False),
        ("ann", True),
        ("李", True),
    ],
)
def test_words_phrases_and_beginnings(scratch: Session, words: str, found: bool) -> None:
    write(scratch, ["我要退款, please refund"])
    assert bool(found_by(scratch, needles_of(words))) is found


def test_an_edit_and_a_deletion_leave_the_index(scratch: Session) -> None:
    first, second = write(scratch, ["secret alpha", "secret beta"])
    messages.change(scratch, first, "secret alpha", MONDAY, text="gamma")
    messages.forget(scratch, second, MONDAY)
    assert found_by(scratch, (" secret ",)) == found_by(scratch, (" beta ",)) == []
    assert [message for _, message in found_by(scratch, (" gamma ",))] == [first]
    kept = scratch.scalars(select(MessageSearch.search_text)).all()
    assert kept == [" gamma ann 李 "]


def test_a_message_that_is_gone_leaves_no_word_in_the_index(sqlite_store: Store) -> None:
    make_conversation(sqlite_store)
    matching = text("SELECT count(*) FROM message_words WHERE message_words MATCH 'refund'")
    with sqlite_store.write() as session:
        first = session.scalars(select(Message)).one()
        search.update_message(session, first.id)
        assert session.scalar(matching) == 1
        session.execute(delete(Message))
        assert session.scalar(matching) == 0


def test_customers_are_found_by_name_and_handle_as_they_are_now(store: Store) -> None:
    account = make_account(store)
    made = make_conversation(store, account, text="hello")
    with store.write() as session:
        contact = session.get_one(Contact, made.contact_id)
        for handle, name in (("@mei_lin", None), (None, "Mei 林")):
            messages.upsert_contacts(
                session, account.id, [(contact.external_id, handle, name)], MONDAY
            )
    for sender, found in (("mei", 1), ("林", 1), ("@mei_lin", 1), ("lin yue", 0), ("ei", 0)):
        with store.read() as session:
            wanted = Wanted(Query(sender=needles_of(sender)), MONDAY)
            assert len(finding.find(session, wanted, 9)) == found, sender


@pytest.mark.parametrize("words", [(), (" refund ",)])
def test_filters_leave_out_what_they_say(store: Store, words: tuple[str, ...]) -> None:
    ada, x, mail = make_user(store), make_account(store), make_account(store, "email")
    late = make_conversation(store, x, due_at=MONDAY, lang="zh", assignee_id=ada.id).id
    taken = make_conversation(store, mail, urgency="critical", unread=0).id
    done = make_conversation(
        store, mail, status="resolved", category="spam", opened_at=MONDAY - timedelta(days=2)
    ).id
    with store.write() as session:
        for message_id in session.scalars(select(Message.id)).all():
            search.update_message(session, message_id)
    now = MONDAY + timedelta(hours=1)
    asked: list[tuple[Query, set[int]]] = [
        (Query(channel="x"), {late}),
        (Query(account=mail.handle.removeprefix("@").upper()), {taken, done}),
        (Query(states=frozenset({"open"})), {late, taken}),
        (Query(states=frozenset({"resolved"})), {done}),
        (Query(states=frozenset({"overdue"})), {late}),
        (Query(states=frozenset({"unassigned", "open"})), {taken}),
        (Query(states=frozenset({"mine"})), {late}),
        (Query(states=frozenset({"unread"})), {late, done}),
        (Query(category="refund"), {late, taken}),
        (Query(urgency="critical"), {taken}),
        (Query(lang="zh"), {late}),
        (Query(assignee=ada.email), {late}),
    ]
    with store.read() as session:
        for query, ids in asked:
            wanted = Wanted(replace(query, needles=words), now, ada.id)
            assert {hit.conversation_id for hit in finding.find(session, wanted, 9)} == ids, query
        for since, until, ids in (
            (MONDAY, None, {late, taken}),
            (None, MONDAY, {done}),
            (MONDAY - timedelta(days=3), MONDAY + timedelta(days=1), {late, taken, done}),
        ):
            wanted = Wanted(Query(needles=words), now, None, since, until)
            assert {hit.conversation_id for hit in finding.find(session, wanted, 9)} == ids


def test_pages_by_filters_alone_hold_each_conversation_once(store: Store) -> None:
    account = make_account(store)
    ids = [make_conversation(store, account).id for _ in range(5)]
    wanted, after, seen = Wanted(Query(channel="x"), MONDAY), None, []
    with store.read() as session:
        while hits := finding.find(session, wanted, 2, after):
            seen += [hit.conversation_id for hit in hits]
            after = hits[-1].place
    assert seen == ids[::-1]


def test_a_search_is_planned_for_its_words_however_often_it_was_asked(store: Store) -> None:
    """What PostgreSQL has prepared it plans for any words: rare ones are then looked for as common
    ones."""
    wanted = Wanted(Query(needles=(" refund",), category="security", urgency="critical"), MONDAY)
    with store.read() as session:
        for _ in range(12):
            finding.find(session, wanted, 5)
            finding.count(session, wanted, 5)
        if store.is_sqlite:
            return
        kept = select(text("statement")).select_from(text("pg_prepared_statements"))
        assert session.scalars(kept).all() == []
        for _ in range(12):
            session.execute(kept)
        assert len(session.scalars(kept).all()) == 1  # everything else is prepared as before
