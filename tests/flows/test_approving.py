"""Approval: nothing leaves unread, by whatever way it came; nothing is lost, and no clock ends."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from connectors.core.contract import Outgoing, Sent
from inbox.domain.approval import Approval
from inbox.flows import approving, drafting, holding, outcome
from inbox.flows.approving import CannotDecide
from inbox.flows.holding import TooLate
from inbox.flows.leaving import Leaving
from inbox.flows.parts import Part, queue_parts
from inbox.flows.reply import ReplyInvalid, queue_automated, queue_reply
from inbox.store import approval
from inbox.store.tables import Audit, Draft, Notice, Reply, TurnRow, User
from tests.factories import make_brand, make_user
from tests.flows.desk import Desk, at, says
from tests.flows.sending import send
from tests.house.tree import ROOT
from tests.kill.victims import Step, run

CARD = "Is it 4111 1111 1111 1111?"


def sent(out: Outgoing) -> Sent:
    return Sent(f"our-{out.key}")


def _asked(desk: Desk) -> Desk:
    """Ann waits; agents' answers need approval; Lee leads."""
    make_brand(desk.store)
    make_user(desk.store, "Lee Lead", "lead")
    rule = Approval(roles=("agent",))
    approving.set_rule(desk.store, rule, actor="cli", now=desk.clock())
    desk.script.on_send = sent
    desk.take(says("1"))
    return desk


@pytest.fixture
def asked(sqlite_desk: Desk) -> Desk:
    return _asked(sqlite_desk)


@pytest.fixture
def lee(asked: Desk) -> User:
    return person(asked, "Lee Lead")


def person(desk: Desk, name: str) -> User:
    with desk.store.read() as session:
        return session.scalars(select(User).where(User.name == name)).one()


def states(desk: Desk) -> list[str]:
    return [row.state for row in desk.rows(Reply)]


def told(desk: Desk) -> list[tuple[int, str, str]]:
    rows = [row for row in desk.rows(Notice) if row.channel == "app"]
    return [(row.user_id, row.kind, row.words) for row in rows]


def test_an_answer_waits_is_approved_and_leaves(desk: Desk) -> None:
    """On each engine."""
    _asked(desk)
    lead = person(desk, "Lee Lead")
    reply = desk.answer()
    assert told(desk) == [(lead.id, "approval", "our answer")]
    assert send(desk) == 0
    assert [row.ended_at for row in desk.rows(TurnRow)] == [None]
    approving.approve(desk.store, outbox_id=reply, by=lead, shown=0, now=desk.clock())
    assert send(desk) == 1
    assert states(desk) == ["sent"]
    assert [row.end for row in desk.rows(TurnRow) if row.superseded_at is None] == ["answered"]
    assert told(desk)[-1] == (desk.agent_id, "approved", "")
    assert "reply_approved" in [row.action for row in desk.rows(Audit)]


def test_sent_back_it_is_a_draft_of_its_author_who_is_told_why(asked: Desk, lee: User) -> None:
    reply = asked.answer("our answer")
    drafting.keep(
        asked.store,
        conversation_id=asked.conversation().id,
        user_id=asked.agent_id,
        key="next",
        mode="private",
        text="and this",
        now=asked.clock(),
    )
    back = partial(approving.send_back, asked.store, outbox_id=reply, by=lee, now=asked.clock())
    with pytest.raises(CannotDecide, match="what should change"):
        back(words="  ")
    back(words="Name the day.")
    assert states(asked) == ["returned"]
    assert [row.words for row in asked.rows(Draft)] == ["our answer\n\nand this"]
    assert told(asked)[-1] == (asked.agent_id, "sent_back", "Name the day.")
    assert send(asked) == 0
    with pytest.raises(CannotDecide, match="does not wait"):
        approving.approve(asked.store, outbox_id=reply, by=lee, shown=9, now=asked.clock())
    asked.answer("It left on Monday.", form_key="form-2")
    assert states(asked) == ["returned", "waiting"]


def _later(desk: Desk, reply: int) -> None:
    when = Leaving(send_at=desk.clock() + timedelta(hours=1))
    holding.send_later(
        desk.store, outbox_id=reply, shown=9, when=when, actor="ada", now=desk.clock()
    )


def _now(desk: Desk, reply: int) -> None:
    holding.send_now(desk.store, outbox_id=reply, shown=9, actor="ada", now=desk.clock())


def _settle(verb: str) -> Callable[[Desk, int], None]:
    def work(desk: Desk, reply: int) -> None:
        done = outcome.settle_as(
            desk.store, desk.settings, verb, outbox_id=reply, actor="ada", now=desk.clock
        )
        assert not done

    return work


def _eased(desk: Desk, _: int) -> None:
    approving.set_rule(desk.store, Approval(), actor="cli", now=desk.clock())


@pytest.mark.parametrize("way", [_now, _later, _eased, *map(_settle, outcome.VERBS)])
def test_no_way_leads_past_the_approval(asked: Desk, way: Callable[[Desk, int], None]) -> None:
    reply = asked.answer()
    with suppress(TooLate):
        way(asked, reply)
    asked.clock.forward(hours=2)
    assert send(asked) == 0
    assert states(asked) == ["waiting"]


def test_every_kind_of_answer_is_asked_for(asked: Desk) -> None:
    """In one place: what writes rows otherwise is what was read before and failed to arrive."""
    conversation = asked.conversation()
    queue_reply(
        asked.store,
        conversation_id=conversation.id,
        agent_id=asked.agent_id,
        actor="ada",
        text="later",
        visibility="private",
        form_key="later",
        shown=asked.newest(),
        now=asked.clock(),
        when=Leaving(send_at=asked.clock() + timedelta(minutes=5)),
    )
    with asked.store.write() as session:
        queue_automated(
            session,
            conversation,
            text="We have it.",
            agent_id=asked.agent_id,
            answers=asked.newest(),
            form_key="rule",
            now=asked.clock(),
        )
    assert states(asked) == ["waiting", "waiting"]
    asked.clock.forward(hours=1)
    assert send(asked) == 0
    writes = [
        str(file.relative_to(ROOT))
        for file in (ROOT / "inbox").rglob("*.py")
        if "outbox.add(" in file.read_text("utf-8")
    ]
    assert sorted(writes) == ["inbox/flows/outcome.py", "inbox/flows/parts.py"]


def test_a_card_number_makes_anybodys_answer_wait(asked: Desk) -> None:
    rule = Approval(findings=True)
    approving.set_rule(asked.store, rule, actor="cli", now=asked.clock())
    asked.answer("Fine.")
    asked.answer(CARD, form_key="form-2")
    rows = asked.rows(Reply)
    assert [(row.state, row.reason) for row in rows] == [("queued", None), ("waiting", "finding")]
    assert "4111 1111" not in told(asked)[-1][2]


def test_a_card_number_goes_out_only_where_somebody_reads_it_first(asked: Desk) -> None:
    with pytest.raises(ReplyInvalid) as refused:
        asked.answer(CARD)
    assert refused.value.code == "secret"
    assert asked.rows(Reply) == []


def test_a_card_number_through_which_a_cut_runs_is_found_too(asked: Desk) -> None:
    approving.set_rule(asked.store, Approval(findings=True), actor="cli", now=asked.clock())
    conversation = asked.conversation()
    parts = [Part("Is it 4111 1111"), Part("1111 1111?")]
    row = {
        "form_key": "form-1",
        "account_id": asked.account.id,
        "conversation_id": conversation.id,
        "agent_id": asked.agent_id,
        "visibility": "private",
        "answers": asked.newest(),
        "shown": asked.newest(),
        "state": "queued",
        "created_at": asked.clock(),
    }
    with asked.store.write() as session:
        queue_parts(session, parts, row)
    assert [(one.state, one.reason) for one in asked.rows(Reply)] == [("waiting", "finding")] * 2
    assert "4111 1111" not in told(asked)[-1][2]


@pytest.mark.parametrize("now", [{"role": "agent"}, {"disabled_at": at(0)}])
def test_who_lost_the_right_meanwhile_decides_nothing(
    asked: Desk, lee: User, now: dict[str, Any]
) -> None:
    reply = asked.answer()
    with asked.store.write() as session:
        session.execute(update(User).where(User.id == lee.id).values(**now))
    with pytest.raises(CannotDecide, match="cannot approve it"):
        approving.approve(asked.store, outbox_id=reply, by=lee, shown=9, now=asked.clock())
    assert states(asked) == ["waiting"]


def test_its_author_and_an_agent_cannot_approve_it(asked: Desk) -> None:
    reply = asked.answer()
    bo = make_user(asked.store, "Bo Narin", "agent")
    for one in (bo, person(asked, "Ada")):
        with pytest.raises(CannotDecide, match="cannot approve it"):
            approving.approve(asked.store, outbox_id=reply, by=one, shown=9, now=asked.clock())
    assert states(asked) == ["waiting"]


def test_what_the_customer_wrote_since_must_have_been_read(asked: Desk, lee: User) -> None:
    reply = asked.answer()
    asked.take(says("2", "Never mind, it came.", minutes=-1))
    go = partial(approving.approve, asked.store, outbox_id=reply, by=lee, now=asked.clock())
    with pytest.raises(CannotDecide, match="wrote again"):
        go(shown=asked.newest() - 1)
    go(shown=asked.newest())
    assert send(asked) == 1


def test_a_chosen_time_that_is_to_come_is_kept(asked: Desk, lee: User) -> None:
    reply = asked.answer()
    with asked.store.write() as session:
        session.get_one(Reply, reply).send_at = at(60)
    approving.approve(asked.store, outbox_id=reply, by=lee, shown=0, now=asked.clock())
    assert send(asked) == 0
    asked.clock.forward(minutes=61)
    assert send(asked) == 1


def test_its_author_takes_it_back(asked: Desk) -> None:
    reply = asked.answer()
    back = holding.take_back(
        asked.store, outbox_id=reply, agent_id=asked.agent_id, actor="ada", now=asked.clock()
    )
    assert back.text == "our answer"
    assert states(asked) == ["withdrawn"]
    with asked.store.read() as session:
        assert approval.waiting(session) == []


def test_who_dies_while_deciding_leaves_it_waiting_whole(asked: Desk, lee: User) -> None:
    """Approving or sending back: at each write the process is killed, and nothing has happened."""
    reply = asked.answer()
    go = partial(approving.approve, asked.store, outbox_id=reply, by=lee, now=asked.clock())
    back = partial(approving.send_back, asked.store, outbox_id=reply, by=lee, now=asked.clock())
    approve, send_it_back = partial(go, shown=0), partial(back, words="Name the day.")
    before = told(asked)
    for work, tables in (
        (approve, ("outbox", "audit", "notices", "commit")),
        (send_it_back, ("outbox", "drafts", "audit", "notices", "commit")),
    ):
        for table in tables:
            asked.store.close()
            assert run(asked.store, work, Step("before", table)), table
            assert (states(asked), told(asked)) == (["waiting"], before), table
            assert asked.rows(Draft) == []
    approve()
    assert send(asked) == 1
