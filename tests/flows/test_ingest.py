"""Law 1: nothing lost, nothing twice, coming in; and what is done to a message before it lies."""

import threading
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any, ClassVar

import pytest
from sqlalchemy import select, text

from connectors.core.contract import Attachment, Author, Kind
from connectors.core.errors import Malformed
from inbox.flows.ingest import CursorMove, ingest
from inbox.store import accounts
from inbox.store.accounts import StaleCursor
from inbox.store.tables import (
    Contact,
    Conversation,
    Cursor,
    Event,
    Message,
    MessageVersion,
    Quarantine,
    TurnRow,
)
from tests.clock import MONDAY
from tests.flows.desk import Desk, at, own, says

VISA = "4111 1111 1111 1111"
HIDDEN = "4••• •••• •••• 1111"


def cursor(desk: Desk) -> tuple[Any, int]:
    with desk.store.read() as session:
        return accounts.cursor(session, desk.account.id, "first")


def test_a_page_and_its_cursor_are_stored_together(desk: Desk) -> None:
    counts = desk.take(says("1"), says("2"), move=CursorMove("first", 0, {"page": 1}))
    assert (counts.new, counts.duplicate) == (2, 0)
    assert cursor(desk) == ({"page": 1}, 1)


def test_a_stale_cursor_stores_nothing_of_its_page(desk: Desk) -> None:
    desk.take(says("1"), move=CursorMove("first", 0, {"page": 1}))
    desk.take(says("2"), move=CursorMove("first", 1, {"page": 2}))
    before = [len(desk.rows(t)) for t in (Message, Contact, Conversation, TurnRow, Event)]
    for version in (0, 1, 7):
        with pytest.raises(StaleCursor):
            desk.take(
                says("3", author="ben"),
                says("1", "edited", edited_at=at(-1)),
                move=CursorMove("first", version, {"page": 9}),
            )
    assert [len(desk.rows(t)) for t in (Message, Contact, Conversation, TurnRow, Event)] == before
    assert desk.texts() == ["hello", "hello"]
    assert cursor(desk) == ({"page": 2}, 2)


def test_a_page_that_cannot_be_stored_leaves_its_cursor(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    naive = replace(says("2"), deleted_at=None, sent_at=at(0).replace(tzinfo=None))
    with pytest.raises((TypeError, ValueError)):
        desk.take(says("1"), naive, move=CursorMove("first", 0, {"page": 1}))
    assert (desk.rows(), cursor(desk)) == ([], ({}, 0))


def test_a_page_that_comes_again_changes_nothing(desk: Desk) -> None:
    page = (says("1"), own("2"), says("3", minutes=-1))
    desk.take(*page)
    before = [(r.id, r.text, r.conversation_id, r.opener_id) for r in desk.rows()]
    counts = desk.take(*page, *page)
    assert (counts.new, counts.duplicate) == (0, 6)
    assert [(r.id, r.text, r.conversation_id, r.opener_id) for r in desk.rows()] == before
    assert len(desk.rows(TurnRow)) == 2


def test_a_message_that_comes_by_two_streams_is_stored_once(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1"), move=CursorMove("first", 0, {"page": 1}))
    counts = desk.take(says("1"), says("1"), move=CursorMove("second", 0, {"page": 1}))
    assert (counts.new, counts.duplicate) == (0, 2)
    assert len(desk.rows()) == 1


def test_two_accounts_may_use_the_same_ids(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    with desk.store.write() as session:
        other = accounts.add(session, "scripted", "@other", MONDAY)
        account = session.get_one(type(desk.account), other)
    desk.take(says("1"))
    ingest(desk.store, account, [says("1")], classifier=None, now=desk.clock())
    assert len(desk.rows()) == 2
    assert len(desk.rows(Conversation)) == 2


def test_workers_that_store_the_same_messages_at_once_store_them_once(desk: Desk) -> None:
    pages = [
        [says(f"{n}", minutes=-n, author=f"u{n % 3}") for n in range(s, s + 6)] for s in range(9)
    ]
    failures: list[BaseException] = []

    def work(pages: Any) -> None:
        try:
            for page in pages:
                desk.take(*page)
        except BaseException as e:
            failures.append(e)
            raise

    workers = [threading.Thread(target=work, args=(p,)) for p in (pages, pages[::-1], pages)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert sorted(r.external_id for r in desk.rows()) == sorted(str(n) for n in range(14))
    assert len(desk.rows(Conversation)) == 3


def test_a_poller_and_a_webhook_that_race_give_no_message_twice(desk: Desk) -> None:
    """The slower of two that read the same cursor fails and stores nothing."""
    barrier, outcomes = threading.Barrier(2), []

    def work(name: str) -> None:
        barrier.wait()
        try:
            desk.take(says("1"), says(name), move=CursorMove("first", 0, {"by": name}))
            outcomes.append(name)
        except StaleCursor:
            outcomes.append("stale")

    workers = [threading.Thread(target=work, args=(n,)) for n in ("a", "b")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(outcomes)[1] == "stale"
    winner = sorted(outcomes)[0]
    assert [r.external_id for r in desk.rows()] == ["1", winner]
    assert cursor(desk)[0] == {"by": winner}


def test_message_ids_of_an_account_grow_in_the_order_of_commits(desk: Desk) -> None:
    """A second writer waits for the first, else a smaller id could appear after a larger one."""
    seen: list[list[int]] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen.append([r.id for r in desk.rows()])

    def write(name: str) -> None:
        for n in range(8):
            desk.take(says(f"{name}{n}", author=name))

    watcher = threading.Thread(target=watch)
    writers = [threading.Thread(target=write, args=(n,)) for n in "abc"]
    for thread in (watcher, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    watcher.join()
    seen.append([r.id for r in desk.rows()])
    assert len(seen[-1]) == 24
    for before, after in pairwise(seen):
        assert after[: len(before)] == before


def test_an_edit_keeps_the_older_words_moves_no_clock_and_is_unread_again(
    sqlite_desk: Desk,
) -> None:
    desk = sqlite_desk
    desk.take(says("1", "first words"))
    turns = [(t.id, t.opened_at, t.due_at) for t in desk.rows(TurnRow)]
    with desk.store.write() as session:
        session.execute(text("UPDATE conversations SET read_up_to = 99, unread = 0"))
    desk.take(says("1", "second words", edited_at=at(-2)))
    assert desk.texts() == ["second words"]
    assert [(v.text, v.until) for v in desk.rows(MessageVersion)] == [("first words", at(-2))]
    assert [(t.id, t.opened_at, t.due_at) for t in desk.rows(TurnRow)] == turns
    assert (desk.conversation().unread, desk.conversation().preview) == (1, "second words")


def test_what_the_platform_holds_back_is_marked_until_somebody_publishes_it(
    sqlite_desk: Desk,
) -> None:
    desk = sqlite_desk
    desk.take(says("1", hidden=True), says("2"))
    assert [m.marks for m in desk.rows()] == [["hidden"], []]
    desk.take(says("1"), says("2", hidden=False))
    assert desk.message("1").marks == ["hidden"]  # nothing was told
    desk.take(says("1", hidden=False), says("2", hidden=True))
    assert [m.marks for m in desk.rows()] == [[], ["hidden"]]


def test_an_older_edit_that_comes_late_changes_nothing(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1", "newest", edited_at=at(-2)))
    desk.take(says("1", "older", edited_at=at(-3)), says("1", "oldest"))
    assert desk.texts() == ["newest"]
    assert desk.rows(MessageVersion) == []


def test_an_edit_from_the_future_does_not_bar_later_edits(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1", "a"))
    desk.take(says("1", "b", edited_at=at(600)))
    desk.clock.forward(minutes=5)
    desk.take(says("1", "c", edited_at=at(4)))
    assert desk.texts() == ["c"]


SECRETIVE: dict[str, Any] = {
    "subject": "my subject",
    "attachments": (Attachment("https://files.example/1", "image/png", "passport.png"),),
    "platform": {"note": "words"},
}


def test_a_deletion_takes_content_and_versions(desk: Desk) -> None:
    desk.take(says("1", "first", **SECRETIVE))
    desk.take(says("1", "second", edited_at=at(-2), **SECRETIVE))
    desk.take(says("1", "second", deleted_at=at(-1), **SECRETIVE))
    row = desk.message("1")
    assert (row.text, row.subject, row.attachments, row.platform) == ("", None, [], {})
    assert (row.deleted_at, row.edited_at) == (at(-1), None)
    assert desk.rows(MessageVersion) == []
    assert desk.conversation().preview == ""
    assert [t.end for t in desk.rows(TurnRow) if t.superseded_at is None] == ["withdrawn"]


def test_a_message_first_heard_of_when_deleted_has_no_content(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1", "words", deleted_at=at(-1), **SECRETIVE))
    row = desk.message("1")
    assert (row.text, row.subject, row.attachments, row.platform) == ("", None, [], {})


def test_what_was_deleted_stays_deleted(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1", "words", deleted_at=at(-1)))
    desk.take(says("1", "words again", edited_at=at(0)))
    assert desk.texts() == [""]


def test_a_deletion_wins_over_an_edit_in_the_same_page(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1"))
    desk.take(says("1", deleted_at=at(-1)), says("1", "edited", edited_at=at(-2)))
    assert desk.texts() == [""]


def test_malformed_items_are_kept_masked_once_and_the_page_goes_on(desk: Desk) -> None:
    broken = Malformed(
        f"No text in {VISA}", {"text": VISA, "raw": f"\0{VISA}".encode(), "\ud800": "\0"}
    )
    for version in (0, 1):
        counts = ingest(
            desk.store,
            desk.account,
            [says(f"{version}")],
            classifier=None,
            now=desk.clock(),
            move=CursorMove("first", version, {"page": version}),
            malformed=[broken],
        )
        assert (counts.new, counts.refused) == (1, 1)
    (kept,) = desk.rows(Quarantine)
    assert (kept.stream, kept.reason) == ("first", f"No text in {HIDDEN}")
    assert "1111 1111" not in str(kept.raw)
    assert len(desk.rows()) == 2


def test_card_numbers_are_masked_wherever_a_person_may_write(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    digits = VISA.replace(" ", "")
    desk.take(
        says(
            "1",
            f"my card {VISA}",
            subject=VISA,
            attachments=(Attachment("https://files.example/1", "image/png", f"{VISA}.png"),),
            platform={"note": [VISA, int(digits)], digits: "x", "post_id": digits},
        )
    )
    desk.take(
        replace(says("1", f"or {VISA}", edited_at=at(-1)), author=Author("ann", VISA, VISA)),
        replace(says("2"), author=Author("ben", VISA, VISA)),
    )
    edited, other = desk.rows()
    assert edited.text == f"or {HIDDEN}"
    assert edited.subject == HIDDEN
    assert edited.attachments[0]["name"] == f"{HIDDEN}.png"
    assert edited.platform["post_id"] == digits, "a reply needs the platform's ids"
    assert (other.author_handle, other.author_name) == (HIDDEN, HIDDEN)
    assert edited.findings == [{"kind": "card", "brand": "visa"}]
    stored = str([[vars(r) for r in desk.rows(t)] for t in (Message, MessageVersion, Contact)])
    assert VISA not in stored
    assert digits not in stored.replace(f"'post_id': '{digits}'", "")
    assert desk.conversation("ann").findings == [{"kind": "card", "brand": "visa"}]
    assert VISA not in desk.conversation("ann").preview


def test_a_time_in_the_future_is_cut_to_storing_and_flagged(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1", minutes=90), says("2", minutes=-1))
    cut, plain = desk.message("1"), desk.message("2")
    assert (cut.sent_at, cut.time_cut) == (desk.clock(), True)
    assert (plain.sent_at, plain.time_cut) == (at(-1), False)


def test_nul_and_lone_surrogates_become_replacement_marks_everywhere(desk: Desk) -> None:
    bad = "a\0b\ud800c"
    message = says(
        bad,
        bad,
        author=bad,
        conversation=bad,
        in_reply_to=bad,
        subject=bad,
        message_id=bad,
        references=(bad,),
        attachments=(Attachment(bad, bad, bad),),
        platform={bad: [bad]},
    )
    for _ in range(2):
        desk.take(message)
    (row,) = desk.rows()
    good = "a\ufffdb\ufffdc"
    assert [row.external_id, row.text, row.thread, row.author_id, row.subject] == [good] * 5
    assert (row.platform, row.attachments[0]["mime"]) == ({good: [good]}, good)


def test_only_customers_words_are_tagged_and_only_once(sqlite_desk: Desk) -> None:
    desk = sqlite_desk

    class Listens:
        heard: ClassVar[list[str]] = []

        def tag(self, texts: Any) -> Any:
            self.heard.extend(texts)
            return [None for _ in texts]

    listens = Listens()
    page = (
        says("1", "ｈｅｌｐ\u200b me", subject="Card"),
        own("2", "sure"),
        says("3", "x", context=True),
    )
    for _ in range(2):
        desk.take(*page, classifier=listens)
    assert listens.heard == ["Card\nhelp me"]


def test_a_third_party_is_context_and_opens_no_turn(sqlite_desk: Desk) -> None:
    sqlite_desk.take(says("1", context=True), says("2", author=None))
    assert [r.role for r in sqlite_desk.rows()] == ["third", "third"]
    assert sqlite_desk.rows(Conversation) == []


def test_ten_people_under_one_post_are_ten_conversations(sqlite_desk: Desk) -> None:
    sqlite_desk.take(*(says(f"{n}", author=f"u{n}", kind=Kind.COMMENT) for n in range(10)))
    assert [c.thread for c in sqlite_desk.rows(Conversation)] == 10 * ["c1"]


def test_a_late_name_is_kept_and_none_does_not_erase_it(sqlite_desk: Desk) -> None:
    nameless = replace(says("2", minutes=-1), author=Author("ann"))
    sqlite_desk.take(says("1"), nameless)
    assert [(c.handle, c.name) for c in sqlite_desk.rows(Contact)] == [("@ann", "Ann")]


def test_a_name_that_comes_when_the_message_is_known_names_its_customer(desk: Desk) -> None:
    """Meta's calls tell an id alone; the list tells the name."""
    desk.take(replace(says("1"), author=Author("ann")))
    desk.take(says("1"))
    assert [(c.handle, c.name) for c in desk.rows(Contact)] == [("@ann", "Ann")]
    desk.take(replace(says("1"), author=Author("ann", None, "Other")))
    assert [(c.handle, c.name) for c in desk.rows(Contact)] == [("@ann", "Ann")]


def test_the_cursor_row_is_one_for_each_stream(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    for stream in ("first", "second"):
        desk.take(move=CursorMove(stream, 0, {"page": 1}))
    assert [(c.stream, c.version) for c in desk.rows(Cursor)] == [("first", 1), ("second", 1)]


def test_a_day_of_outage_is_stored_with_the_platforms_times(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.clock.forward(days=1)
    desk.take(says("1", minutes=-60))
    (turn,) = desk.rows(TurnRow)
    assert turn.opened_at == at(-60)
    assert turn.due_at == at(-60) + timedelta(hours=24)
    with desk.store.read() as session:
        assert session.scalars(select(Message.stored_at)).one() == desk.clock()
