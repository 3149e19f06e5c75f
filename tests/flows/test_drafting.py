"""Drafts: kept as they are typed, gone with what is sent, and told to who was too late."""

import pytest

from inbox.flows import drafting, notes
from inbox.flows.reply import queue_reply
from inbox.store import drafts, notices
from inbox.store.tables import Draft, Notice, User
from tests.factories import make_user
from tests.flows.desk import Desk

KEY = "form-key-1"


def typed(
    desk: Desk,
    text: str,
    key: str = KEY,
    mode: str = "private",
    by: int = 0,
    files: list[int] | None = None,
) -> bool:
    return drafting.keep(
        desk.store,
        conversation_id=desk.conversation().id,
        user_id=by or desk.agent_id,
        key=key,
        mode=mode,
        text=text,
        now=desk.clock(),
        files=files,
    )


def sends(desk: Desk, key: str = KEY) -> int:
    return queue_reply(
        desk.store,
        conversation_id=desk.conversation().id,
        agent_id=desk.agent_id,
        actor="ada@lumen.example",
        text="We look.",
        visibility="private",
        form_key=drafts.form_key_of(desk.agent_id, key),
        shown=desk.newest(),
        now=desk.clock(),
    )


@pytest.fixture
def bo(waiting: Desk) -> User:
    return make_user(waiting.store, "Bo Narin", email="bo@lumen.example")


def test_each_person_has_one_draft_in_a_conversation_the_newest_and_masked(
    waiting: Desk, bo: User
) -> None:
    typed(waiting, "We")
    typed(waiting, "We look at 4111 1111 1111 1111", mode="note")
    typed(waiting, "Mine", key="form-key-2", by=bo.id)
    found = {row.user_id: (row.mode, row.words) for row in waiting.rows(Draft)}
    assert found == {
        waiting.agent_id: ("note", "We look at 4••• •••• •••• 1111"),
        bo.id: ("private", "Mine"),
    }
    typed(waiting, " \n")
    assert [row.user_id for row in waiting.rows(Draft)] == [bo.id]


def test_what_was_sent_is_no_draft_and_a_late_save_brings_nothing_back(waiting: Desk) -> None:
    assert typed(waiting, "We lo")
    sends(waiting)
    assert waiting.rows(Draft) == []
    assert not typed(waiting, "We look.")
    assert waiting.rows(Draft) == []
    assert typed(waiting, "And", key="form-key-2"), "the next form is another draft"


def test_a_note_ends_its_draft_and_leaves_one_of_another_form(waiting: Desk) -> None:
    typed(waiting, "look", mode="note")
    for key, left in (("another-form", 1), (KEY, 0)):
        notes.write(
            waiting.store,
            conversation_id=waiting.conversation().id,
            agent_id=waiting.agent_id,
            actor="ada@lumen.example",
            text="look",
            form_key=drafts.form_key_of(waiting.agent_id, key),
            now=waiting.clock(),
        )
        assert len(waiting.rows(Draft)) == left


def test_who_is_writing_hears_that_a_colleague_was_first(waiting: Desk, bo: User) -> None:
    typed(waiting, "Mine", key="form-key-2", by=bo.id)
    sends(waiting)
    told = [(n.user_id, n.kind, n.by) for n in waiting.rows(Notice) if n.channel == notices.APP]
    assert told == [(bo.id, "answered", "Ada")]
    assert [row.words for row in waiting.rows(Draft)] == ["Mine"], "theirs is not lost"


def test_a_draft_without_words_goes_on_with_the_files_that_came_back(waiting: Desk) -> None:
    drafting.bring_back(
        waiting.store,
        conversation_id=waiting.conversation().id,
        user_id=waiting.agent_id,
        mode="private",
        text="We look.",
        files=[7, 8],
        now=waiting.clock(),
    )
    for left, files in (([7, 8], None), ([8], [8, 99]), (None, [])):
        typed(waiting, " ", files=files)
        assert [row.files for row in waiting.rows(Draft)] == ([left] if left else [])
