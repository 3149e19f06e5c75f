"""Notes stay in the house, tell who they name, and followers hear of new messages."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import delete, select, update

from inbox.flows import drafting, following, notice_mails, noticing
from inbox.flows.finding import find
from inbox.flows.notes import take_back, write
from inbox.flows.reply import ReplyInvalid
from inbox.flows.steps import assign
from inbox.store import notes, notices, search
from inbox.store.tables import (
    Contact,
    Conversation,
    Draft,
    Event,
    Follower,
    Note,
    NoteSearch,
    Notice,
    Reply,
    TurnRow,
    User,
)
from tests.factories import make_user
from tests.fakes.smtp import SmtpServer
from tests.flows.desk import Desk, says
from tests.flows.test_health import mails
from tests.flows.test_mails import mail

CARD = "4111 1111 1111 1111"


def note(desk: Desk, text: str, key: str = "n-1", conversation: int = 0) -> int:
    return write(
        desk.store,
        conversation_id=conversation or desk.conversation().id,
        agent_id=desk.agent_id,
        actor="ada@lumen.example",
        text=text,
        form_key=key,
        now=desk.clock(),
    )


def bo(desk: Desk) -> User:
    return make_user(desk.store, "Bo Narin", email="bo@lumen.example")


def set_to(desk: Desk, user: User, verb: Any) -> None:
    """This person follows the conversation, or no more."""
    id_ = desk.conversation().id
    verb(desk.store, conversation_id=id_, user_id=user.id, actor=user.email, now=desk.clock())


def told(desk: Desk, user: User) -> list[tuple[str, int, bool]]:
    with desk.store.read() as session:
        mine = select(Notice).where(Notice.user_id == user.id, Notice.channel == notices.APP)
        rows = session.scalars(mine.order_by(Notice.id))
        return [(row.kind, row.times, row.state == notices.UNREAD) for row in rows]


def test_a_note_is_masked_never_sent_and_ends_no_turn(waiting: Desk) -> None:
    before = waiting.rows(TurnRow)
    note(waiting, f"They wrote {CARD} on the phone\x00")
    (stored,) = waiting.rows(Note)
    assert stored.text == "They wrote 4••• •••• •••• 1111 on the phone�"
    assert stored.findings == [{"kind": "card", "brand": "visa"}]
    assert waiting.rows(Reply) == []
    assert [row.end for row in waiting.rows(TurnRow)] == [row.end for row in before] == [None]
    assert waiting.conversation().status == "open"
    assert [e.topic for e in waiting.rows(Event)][-1] == "conversation"


def test_a_double_click_is_one_note_and_one_notice(waiting: Desk) -> None:
    user = bo(waiting)
    assert note(waiting, "@bo look") == note(waiting, "@bo look")
    assert told(waiting, user) == [("mention", 1, True)]


def test_a_note_without_words_is_refused(waits: Desk) -> None:
    with pytest.raises(ReplyInvalid, match="Write a note first"):
        note(waits, " \n ")
    assert waits.rows(Note) == []


def test_who_is_named_is_told_follows_and_has_read_it_once_it_is_opened(waiting: Desk) -> None:
    user, id_ = bo(waiting), waiting.conversation().id
    note(waiting, "@bo look", "n-1")
    note(waiting, "@bo again", "n-2")
    assert told(waiting, user) == [("mention", 2, True)]
    noticing.opened(waiting.store, user_id=user.id, now=waiting.clock(), conversation_id=id_)
    note(waiting, "@bo and again", "n-3")
    assert told(waiting, user) == [("mention", 2, False), ("mention", 1, True)]
    with waiting.store.read() as session:
        assert [(f.user_id, f.why) for f in notes.followers(session, [id_])] == [
            (user.id, "mention")
        ]


def test_followers_hear_of_new_messages_and_no_more_after_unfollowing(waiting: Desk) -> None:
    user = bo(waiting)
    set_to(waiting, user, following.follow)
    waiting.take(says("2", "and?", minutes=-5), says("old", "history", minutes=-3000))
    waiting.take(says("2", "and?", minutes=-5))  # told before
    assert told(waiting, user) == [("message", 1, True)]
    set_to(waiting, user, following.unfollow)
    waiting.take(says("3", "hello?", minutes=-4))
    assert told(waiting, user) == [("message", 1, True)]


def test_nobody_hears_of_who_is_muted(waiting: Desk) -> None:
    user = bo(waiting)
    set_to(waiting, user, following.follow)
    with waiting.store.write() as session:
        session.execute(update(Contact).values(muted=True))
    waiting.take(says("2", "and?", minutes=-5))
    assert told(waiting, user) == []


def test_what_routing_hands_out_is_told_to_nobody(waits: Desk) -> None:
    user, id_ = bo(waits), waits.conversation().id
    assert assign(
        waits.store,
        conversation_id=id_,
        agent_id=user.id,
        expected=None,
        actor="system",
        now=waits.clock(),
    )
    assert told(waits, user) == []
    assert waits.rows(Follower) == []


def test_who_is_given_a_conversation_follows_and_is_told_but_not_by_taking_it(waits: Desk) -> None:
    user, id_ = bo(waits), waits.conversation().id
    for agent, by in ((user.id, "ada@lumen.example"), (None, user.email), (user.id, user.email)):
        assert assign(
            waits.store,
            conversation_id=id_,
            agent_id=agent,
            expected=waits.conversation().assignee_id,
            actor=by,
            now=waits.clock(),
        )
    assert told(waits, user) == [("assigned", 1, True)]
    with waits.store.read() as session:
        assert [f.why for f in notes.followers(session, [id_])] == ["assigned"]


def test_what_is_unread_after_two_minutes_is_mailed_with_no_word_of_a_customer(
    waits: Desk,
) -> None:
    user, reader = bo(waits), make_user(waits.store, "Cy Reads", email="cy@lumen.example")
    set_to(waits, user, following.follow)
    waits.take(says("2", "my secret", minutes=-5))  # mailed to who wants everything only
    note(waits, "@bo @cy <b>look</b>")
    noticing.opened(
        waits.store, user_id=reader.id, now=waits.clock(), conversation_id=waits.conversation().id
    )
    with SmtpServer(needs_sign_in=False) as server:
        settings = waits.settings.model_copy(
            update={"smtp_url": SecretStr(server.url), "mail_from": "desk@lumen.example"}
        )
        assert notice_mails.mail_due(waits.store, settings, waits.clock) == 0
        waits.clock.forward(minutes=2.1)
        assert notice_mails.mail_due(waits.store, settings, waits.clock) == 1
        assert notice_mails.mail_due(waits.store, settings, waits.clock) == 0
        noticing.choose_mail(
            waits.store, user_id=user.id, part=1, actor=user.email, now=waits.clock()
        )
        waits.take(says("3", "my secret", minutes=-4))
        waits.clock.forward(minutes=2.1)
        assert notice_mails.mail_due(waits.store, settings, waits.clock) == 1
    (named, wrote) = mails(server)
    assert (named["To"], named["Subject"]) == ("bo@lumen.example", "Ada mentioned you: Ann")
    assert "@bo @cy <b>look</b>" in named.get_content()
    assert wrote["Subject"] == "Ann wrote again"
    assert "secret" not in wrote.get_content()


def test_the_subject_of_a_mail_says_what_it_tells(waits: Desk) -> None:
    user, id_ = bo(waits), waits.conversation().id
    with SmtpServer(needs_sign_in=False) as server:
        settings = waits.settings.model_copy(
            update={"smtp_url": SecretStr(server.url), "mail_from": "desk@lumen.example"}
        )
        for kind in ("approval", "sent_back", "stopped"):
            with waits.store.write() as session:
                about = (id_, "Ada", "words", waits.clock(), "customer")
                notices.tell(session, [user.id], kind, *about)
            waits.clock.forward(minutes=2.1)
            assert notice_mails.mail_due(waits.store, settings, waits.clock) == 1
        subjects = [str(mail["Subject"]) for mail in mails(server)]
    assert subjects == [
        "Ada asks for approval: Ann",
        "Ada sent your answer to Ann back",
        "Your answer to Ann was stopped",
    ]


def test_a_new_line_is_mailed_though_an_old_one_could_not_leave_for_days(waits: Desk) -> None:
    bo(waits)
    note(waits, "@bo look", "n-1")
    waits.clock.forward(hours=50)  # nobody had said where mails go
    note(waits, "@bo and now?", "n-2")
    with SmtpServer(needs_sign_in=False) as server:
        settings = waits.settings.model_copy(
            update={"smtp_url": SecretStr(server.url), "mail_from": "desk@lumen.example"}
        )
        assert notice_mails.mail_due(waits.store, settings, waits.clock) == 1
    (named,) = mails(server)
    assert "@bo and now?" in named.get_content()


def test_whose_conversation_it_is_hears_that_a_colleague_was_first(waiting: Desk) -> None:
    user, id_ = bo(waiting), waiting.conversation().id
    assign(
        waiting.store,
        conversation_id=id_,
        agent_id=user.id,
        expected=None,
        actor=user.email,
        now=waiting.clock(),
    )
    waiting.answer("We look.")
    assert told(waiting, user) == [("answered", 1, True)]


def test_when_two_threads_turn_out_to_be_one_the_team_keeps_what_it_wrote(desk: Desk) -> None:
    desk.take(mail("1", -30), mail("3", -10, references=("2@mail.example",)))
    user = bo(desk)
    both = [c.id for c in desk.rows(Conversation)]
    for id_ in both:
        note(desk, "@bo look", f"n-{id_}", id_)
        for who in (user.id, desk.agent_id) if id_ == both[0] else (user.id,):
            drafting.keep(
                desk.store,
                conversation_id=id_,
                user_id=who,
                key=f"key-{id_}",
                mode="note",
                text=f"of {id_}",
                now=desk.clock(),
            )
    desk.take(mail("2", -20, references=("1@mail.example",)))
    (left,) = desk.rows(Conversation)
    assert [row.conversation_id for row in desk.rows(Note)] == [left.id, left.id]
    assert [(row.conversation_id, row.user_id) for row in desk.rows(Follower)] == [
        (left.id, user.id)
    ]
    told_of = [(n.conversation_id, n.kind) for n in desk.rows(Notice) if n.channel == notices.APP]
    assert told_of == [(left.id, "mention"), (left.id, "message")]
    drafts = {row.user_id: sorted(row.words.split("\n\n")) for row in desk.rows(Draft)}
    words = [f"of {id_}" for id_ in both]
    assert drafts == {user.id: words, desk.agent_id: words[:1]}
    assert {row.conversation_id for row in desk.rows(Draft)} == {left.id}


def test_what_came_after_the_page_was_shown_stays_unread(waiting: Desk) -> None:
    user = bo(waiting)
    with waiting.store.write() as session:
        notices.set_mail_from(session, user.id, 0)
    note(waiting, "@bo look", "n-1")
    with waiting.store.read() as session:
        (seen,) = notices.listed(session, user.id, 10)
    note(waiting, "@bo again", "n-2")
    noticing.read(waiting.store, user_id=user.id, up_to=seen.id, now=waiting.clock())
    assert told(waiting, user) == [("mention", 2, True)]


def test_what_a_customer_deleted_stands_in_no_notice(waiting: Desk) -> None:
    user = bo(waiting)
    set_to(waiting, user, following.follow)
    said = says("2", "my secret", minutes=-5)
    waiting.take(said)
    assert [n.words for n in waiting.rows(Notice)] == ["my secret"]
    waiting.take(replace(said, deleted_at=waiting.clock()))
    assert [n.words for n in waiting.rows(Notice)] == [""]


def found(desk: Desk, query: str) -> list[tuple[int, bool, str]]:
    with desk.store.read() as session:
        page = find(session, query, now=desk.clock())
    return [
        (one.conversation_id, one.is_note, "".join(map(str, one.snippet))) for one in page.found
    ]


def test_a_note_is_found_by_its_words_and_filters_at_its_time(desk: Desk) -> None:
    desk.take(says("1", "where is it"), says("2", "refund!", -5, author="bob", conversation="c2"))
    ann, bob = desk.conversation().id, desk.conversation("bob").id
    assert [id_ for id_, *_ in found(desk, "refund")] == [bob]
    note(desk, "the bank refunds it, 退款 today", "n-1")
    first, second = found(desk, "refund")
    assert (first[:2], second[:2]) == ((ann, True), (bob, False))
    assert [one[:2] for one in found(desk, "退款 is:open")] == [(ann, True)]
    assert found(desk, "退款 is:resolved") == []
    desk.clock.forward(minutes=1)
    note(desk, "a refund too", "n-2", bob)
    assert [one[:2] for one in found(desk, "refund")] == [(bob, True), (ann, True)]


def test_a_note_that_is_gone_is_not_found_and_old_ones_are_indexed_anew(waits: Desk) -> None:
    first, second = note(waits, "the moon", "n-1"), note(waits, "the moon and sun", "n-2")
    with waits.store.write() as session:
        session.execute(delete(NoteSearch))
    assert found(waits, "moon") == []
    with waits.store.write() as session:
        search.index_notes(session, 1)
    take_back(waits.store, note_id=second, actor="ada@lumen.example", now=waits.clock())
    assert found(waits, "sun") == []
    assert len(found(waits, "moon")) == 1
    take_back(waits.store, note_id=first, actor="ada@lumen.example", now=waits.clock())
    assert found(waits, "moon") == []
