"""What platforms tell of messages by name: any order ends in the same state."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from connectors.core.contract import Deletion, Outgoing, Receipt, Sent
from connectors.core.errors import OutcomeUnknown
from inbox.flows.deliver import deliver_due, settle_named
from inbox.flows.ingest import ingest
from inbox.flows.outcome import resend
from inbox.store.tables import Conversation, Reply, TurnRow
from tests.flows.desk import Desk, at, own, says


def happens(desk: Desk, *events: Deletion | Receipt) -> None:
    """What a webhook or a page told."""
    settle_named(desk.store, desk.account.id, events, desk.clock())
    ingest(desk.store, desk.account, (), classifier=None, now=desk.clock(), events=events)


def current(desk: Desk) -> list[tuple[str | None, bool]]:
    """(end, answered at all) of the turns that stand."""
    rows = [t for t in desk.rows(TurnRow) if t.superseded_at is None]
    return [(t.end, t.ended_at is not None) for t in rows]


@pytest.mark.parametrize("told_first", [True, False])
def test_a_deletion_takes_the_content_whenever_it_is_told(desk: Desk, told_first: bool) -> None:
    gone = Deletion("1", at(-1))
    steps: list[Callable[[], object]] = [
        lambda: happens(desk, gone),
        lambda: desk.take(says("1", "secret words")),
    ]
    for step in steps if told_first else steps[::-1]:
        step()
    row = desk.message("1")
    assert (row.text, row.deleted_at) == ("", at(-1))
    assert current(desk) == [("withdrawn", True)]


def test_a_deletion_told_twice_changes_nothing_more(sqlite_desk: Desk) -> None:
    sqlite_desk.take(says("1"))
    happens(sqlite_desk, Deletion("1", at(-2)))
    happens(sqlite_desk, Deletion("1", at(-1)))
    assert sqlite_desk.message("1").deleted_at == at(-2)


def test_a_failure_reported_later_takes_the_answer_back(waiting: Desk) -> None:
    waiting.script.on_send = lambda _: Sent("a1", at(1))
    waiting.answer()
    waiting.clock.forward(minutes=1)
    deliver_due(waiting.store, waiting.settings, waiting.clock)
    assert current(waiting) == [("answered", True)]
    happens(waiting, Receipt("failed", at(1), "a1", reason="The person cannot be reached."))
    assert current(waiting) == [(None, False)]
    assert waiting.message("a1").failed_why == "The person cannot be reached."


def test_what_a_rule_wrote_stays_the_rules_when_it_is_sent_anew(waits: Desk) -> None:
    waits.script.on_send = lambda reply: Sent(reply.key, at(0))
    reply = waits.answer()
    with waits.store.write() as session:
        session.get_one(Reply, reply).automated = True
    deliver_due(waits.store, waits.settings, waits.clock)
    happens(waits, Receipt("failed", at(0), waits.reply(reply).key, reason="Blocked."))
    assert resend(waits.store, outbox_id=reply, actor="ada", now=waits.clock())
    deliver_due(waits.store, waits.settings, waits.clock)
    ours = [(row.automated, row.agent_id) for row in waits.rows() if row.role == "ours"]
    assert ours == [(True, None), (True, None)]
    assert current(waits) == [(None, False)]  # a rule's answer ends no wait


def test_a_failure_reported_before_the_answer_is_stored_counts_too(waits: Desk) -> None:
    """The platform's call may overtake our own sender."""

    def sent(_: object) -> Sent:
        happens(waits, Receipt("failed", at(0), "a1", reason="Blocked."))
        return Sent("a1", at(0))

    waits.script.on_send = sent
    waits.answer()
    deliver_due(waits.store, waits.settings, waits.clock)
    assert waits.message("a1").failed_at is not None
    assert current(waits) == [(None, False)]


def test_a_failure_that_names_only_our_key_is_kept_until_the_answer_is_stored(waits: Desk) -> None:
    def sent(reply: Outgoing) -> Sent:
        happens(waits, Receipt("failed", at(0), key=reply.key, reason="Blocked."))
        return Sent("a1", at(0))

    waits.script.on_send = sent
    waits.answer()
    deliver_due(waits.store, waits.settings, waits.clock)
    assert waits.message("a1").failed_why == "Blocked."


def test_a_receipt_that_carries_our_key_settles_an_unknown_answer(waiting: Desk) -> None:
    def lost(_: object) -> Sent:
        raise OutcomeUnknown("The line broke.")

    waiting.script.on_send = lost
    reply = waiting.reply(waiting.answer())
    deliver_due(waiting.store, waiting.settings, waiting.clock)
    assert waiting.reply(reply.id).state == "unknown"
    happens(waiting, Receipt("delivered", at(0), "a1", reply.key))
    assert waiting.reply(reply.id).state == "sent"
    assert waiting.message("a1").delivered_at == at(0)
    assert current(waiting) == [("answered", True)]
    assert len(waiting.rows(Reply)) == 1


def test_a_receipt_of_another_accounts_answer_changes_nothing(waits: Desk) -> None:
    waits.script.on_send = lambda _: Sent("a1", at(0))
    reply = waits.reply(waits.answer())
    deliver_due(waits.store, waits.settings, waits.clock)
    settle_named(waits.store, 999, (Receipt("sent", at(0), "zz", reply.key),), waits.clock())
    assert waits.reply(reply.id).external_id == "a1"


def test_a_post_kept_as_context_becomes_a_customers_message_when_it_is_one(desk: Desk) -> None:
    """Fetched as the post above a comment first; its own mention arrives a moment later."""
    desk.take(says("1", "look here", context=True))
    assert current(desk) == []
    desk.take(says("1", "look here"))
    assert (desk.message("1").role, current(desk)) == ("customer", [(None, False)])
    desk.take(says("1", "look here", context=True))
    assert desk.message("1").role == "customer"


def test_our_own_root_post_is_context_and_answers_nobody(desk: Desk) -> None:
    desk.take(
        own("post", "New fees from May", minutes=-60, context=True),
        says("1", "why?", minutes=-30, in_reply_to="post"),
    )
    assert desk.message("post").role == "third"
    assert current(desk) == [(None, False)]


def test_an_edit_keeps_what_was_said_before(sqlite_desk: Desk) -> None:
    sqlite_desk.take(says("1", "I lost 50"))
    edited = sqlite_desk.clock() - timedelta(minutes=2)
    sqlite_desk.take(says("1", "I lost 500", edited_at=edited))
    assert sqlite_desk.message("1").text == "I lost 500"


def test_the_list_shows_what_is_not_deleted(sqlite_desk: Desk) -> None:
    sqlite_desk.take(says("1", "Where is it?"), own("2", "On its way"))
    happens(sqlite_desk, Deletion("2", at(-1)))
    (row,) = sqlite_desk.rows(Conversation)
    assert (row.preview, row.last_is_ours) == ("Where is it?", False)
    happens(sqlite_desk, Deletion("1", at(0)))
    (row,) = sqlite_desk.rows(Conversation)
    assert row.preview == ""
