"""A job over many conversations: each once, each by itself, and the whole taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from inbox.domain.actions import Actions, BadActions
from inbox.flows import bulk
from inbox.flows.answers import By
from inbox.flows.reply import queue_reply
from inbox.store import acting as stored
from inbox.store.tables import ActionRun, Audit, BulkJob, Conversation, Reply
from tests.factories import make_brand, make_canned, make_user
from tests.flows.desk import Desk, says

SPAM = Actions("spam", "low", move="spam", reason="advert")


def ada(desk: Desk) -> By:
    return By(desk.agent_id, "ada@lumen.example", "Ada", leads=True)


def crowd(desk: Desk, many: int = 4) -> list[int]:
    """So many customers wait; their conversations."""
    desk.take(*(says(f"m{n}", author=f"c{n}", conversation=f"t{n}") for n in range(many)))
    return [row.id for row in desk.rows(Conversation)]


def begin(desk: Desk, ids: list[int], actions: Actions = SPAM, key: str = "k") -> int:
    return bulk.begin(
        desk.store, ids, actions, name="Advert", by=ada(desk), key=key, now=desk.clock()
    )


def states(desk: Desk) -> list[str]:
    return [row.state for row in desk.rows(ActionRun)]


def test_each_is_done_once_and_the_whole_is_taken_back(desk: Desk) -> None:
    ids = crowd(desk)
    job = begin(desk, [*ids, ids[0], 9_999])
    assert begin(desk, ids) == job  # a double click
    with desk.store.read() as session:
        assert stored.counts(session, job) == {"waiting": 4}
    assert (bulk.work(desk.store, desk.clock), bulk.work(desk.store, desk.clock)) == (4, 0)
    assert states(desk) == ["done"] * 4
    assert {row.status for row in desk.rows(Conversation)} == {"spam"}
    [row] = desk.rows(BulkJob)
    assert (row.total, row.finished_at is not None) == (4, True)
    bulk.undo(desk.store, job, by=ada(desk), now=desk.clock())
    bulk.undo(desk.store, job, by=ada(desk), now=desk.clock())
    assert bulk.work(desk.store, desk.clock) == 4
    assert states(desk) == ["undone"] * 4
    assert {row.status for row in desk.rows(Conversation)} == {"open"}
    assert [a.action for a in desk.rows(Audit) if a.action.startswith("bulk")] == [
        *("bulk", "bulk_undo"),
    ]


def test_two_workers_do_each_once(desk: Desk) -> None:
    begin(desk, crowd(desk, 6))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: bulk.work(desk.store, desk.clock), range(2)))
    assert states(desk) == ["done"] * 6
    assert len([a for a in desk.rows(Audit) if a.action == "spam"]) == 6


def test_one_that_cannot_be_done_is_named_and_the_others_go_on(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    ids = crowd(desk)
    begin(desk, ids[:2])
    bulk.work(desk.store, desk.clock)
    begin(desk, ids, Actions(assign="me", move="customer", reason="asked back"), "again")
    bulk.work(desk.store, desk.clock)
    assert states(desk)[2:] == ["refused", "refused", "done", "done"]
    refused = desk.rows(ActionRun)[2]
    assert (refused.did, bool(refused.why)) == ([], True)
    assert desk.rows(Conversation)[0].assignee_id is None  # nothing of it was done


def test_a_job_that_is_taken_back_before_it_ran_does_nothing(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    job = begin(desk, crowd(desk))
    bulk.undo(desk.store, job, by=ada(desk), now=desk.clock())
    assert bulk.work(desk.store, desk.clock) == 0
    assert states(desk) == ["undone"] * 4
    assert {row.status for row in desk.rows(Conversation)} == {"open"}


def test_who_wrote_since_gets_no_answer_unread(sqlite_desk: Desk) -> None:
    """What a customer writes after the job was begun was seen by nobody: it stays open."""
    desk = sqlite_desk
    ids = crowd(desk, 2)
    begin(desk, ids, Actions(move="resolve", reason="thanks"))
    desk.take(says("new", "wait!", 1, author="c0", conversation="t0"))
    bulk.work(desk.store, desk.clock)
    found = [desk.conversation(author).status for author in ("c0", "c1")]
    assert found == ["open", "resolved"]


def test_nobody_gets_a_second_answer_to_what_a_colleague_answered_since(desk: Desk) -> None:
    make_brand(desk.store, undo_s=10)
    make_canned(desk.store)
    bo = make_user(desk.store, "Bo Narin")
    ids = crowd(desk, 2)
    begin(desk, ids, Actions(answer=1, assign="me"))
    queue_reply(
        desk.store,
        conversation_id=ids[0],
        agent_id=bo.id,
        actor=bo.email,
        text="By hand",
        visibility="private",
        form_key="bo",
        shown=desk.newest(),
        now=desk.clock(),
    )
    assert bulk.work(desk.store, desk.clock) == 2
    first, second = desk.rows(ActionRun)
    assert (first.state, first.did, second.state) == ("refused", [], "done")
    assert first.why == "Bo Narin answered meanwhile: “By hand”"
    assert [row.conversation_id for row in desk.rows(Reply)] == ids


def test_each_answer_of_a_long_job_can_be_taken_back_as_long_as_any_other(
    sqlite_desk: Desk,
) -> None:
    desk = sqlite_desk
    make_brand(desk.store, undo_s=10)
    make_canned(desk.store)
    begin(desk, crowd(desk, 3), Actions(answer=1))

    def slow() -> datetime:
        desk.clock.forward(minutes=1)
        return desk.clock()

    bulk.work(desk.store, slow)
    held = [(row.created_at, row.not_before) for row in desk.rows(Reply)]
    assert [until - queued for queued, until in held] == [timedelta(seconds=10)] * 3
    assert len(dict(held)) == 3


@pytest.mark.parametrize("ids", [[], list(range(1, 1_002))])
def test_too_few_or_too_many_are_refused(sqlite_desk: Desk, ids: list[int]) -> None:
    with pytest.raises(BadActions):
        begin(sqlite_desk, ids)
    with pytest.raises(BadActions):
        begin(sqlite_desk, [1], Actions())
