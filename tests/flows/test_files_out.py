"""Files go out with an answer, in as many messages as the platform needs, in order and once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.core.contract import Attachment, Downloaded, Outgoing, Sent
from connectors.core.errors import Refused
from inbox.flows.files import fetch_due, keep_upload
from inbox.flows.outcome import resend
from inbox.flows.parts import MOST_FILES, Part, parts_of
from inbox.flows.reply import ReplyInvalid
from inbox.flows.upkeep import tidy
from inbox.store.session import Store
from inbox.store.tables import File, FileContent, Reply, User
from tests.clock import Clock
from tests.flows.desk import Desk, own, says
from tests.flows.sending import answers, look, lost, send
from tests.pictures import HTML, PDF, picture
from tests.scripted import MEDIA, scripted_platforms

PHOTO = Attachment("https://files.example/1", "image/png", "theirs.png")


def upload(
    desk: Desk, name: str = "a.png", data: bytes | None = None, by: int | None = None
) -> int:
    return keep_upload(
        desk.store,
        conversation_id=desk.conversation().id,
        agent_id=by or desk.agent_id,
        name=name,
        claimed="image/png",
        data=picture() if data is None else data,
        now=desk.clock(),
    )


def uploads(desk: Desk, *names: str) -> Sequence[int]:
    return [upload(desk, name) for name in names]


def numbered(desk: Desk) -> None:
    """The platform takes everything and counts."""
    desk.script.on_send = lambda _: Sent(f"r{len(desk.script.sends)}", desk.clock())


def sent(desk: Desk) -> list[tuple[str, list[str]]]:
    return [(o.text, [f.name for f in o.files]) for o in desk.script.sends]


def rows(desk: Desk) -> list[Reply]:
    found: list[Reply] = desk.rows(Reply)
    return found


def files(desk: Desk) -> list[File]:
    found: list[File] = desk.rows(File)
    return found


def test_an_answer_takes_its_files_along(waiting: Desk) -> None:
    numbered(waiting)
    waiting.answer(files=uploads(waiting, "b.png", "a.png"))
    assert send(waiting) == 1
    [outgoing] = waiting.script.sends
    assert outgoing.text == "our answer"
    assert [(f.name, f.mime, f.data) for f in outgoing.files] == [
        ("b.png", "image/png", picture()),
        ("a.png", "image/png", picture()),
    ]
    stored = waiting.message("r1")
    assert [f.message_id for f in files(waiting)] == [stored.id, stored.id]
    assert [a["name"] for a in stored.attachments] == ["b.png", "a.png"]


def test_files_may_go_without_words(waiting: Desk) -> None:
    numbered(waiting)
    waiting.answer("", files=uploads(waiting, "a.png"))
    send(waiting)
    assert sent(waiting) == [("", ["a.png"])]
    assert waiting.conversation().preview == "a.png"


def test_more_files_than_one_message_takes_become_several_in_order(waiting: Desk) -> None:
    numbered(waiting)
    names = [f"{n}.png" for n in range(5)]
    waiting.answer(files=uploads(waiting, *names))
    assert [r.form_key for r in rows(waiting)] == ["form-1", "form-1#2", "form-1#3"]
    assert send(waiting) == 3
    assert sent(waiting) == [("our answer", names[:2]), ("", names[2:4]), ("", names[4:])]
    assert len({o.key for o in waiting.script.sends}) == 3


def test_where_files_go_apart_the_words_go_first(
    sqlite_store: Store, tmp_path: Path, clock: Clock
) -> None:
    with scripted_platforms():
        desk = Desk.open(sqlite_store, tmp_path, clock, "apart")
        desk.take(says("1"))
        numbered(desk)
        desk.answer(files=uploads(desk, "a.png", "b.png"))
        send(desk)
        assert sent(desk) == [("our answer", []), ("", ["a.png"]), ("", ["b.png"])]


def test_a_part_waits_until_the_one_before_it_is_sent(waiting: Desk) -> None:
    refusing = [True]

    def take(_: Outgoing) -> Sent:
        if refusing[0]:
            raise Refused("Not today.")
        return Sent(f"r{len(waiting.script.sends)}", waiting.clock())

    waiting.script.on_send = take
    first = waiting.answer(files=uploads(waiting, "a.png", "b.png", "c.png"))
    assert send(waiting) == 1
    waiting.clock.forward(hours=1)
    assert send(waiting) == 0
    assert [r.state for r in rows(waiting)] == ["refused", "queued"]
    refusing[0] = False
    resend(waiting.store, outbox_id=first, actor="ada", now=waiting.clock())
    assert send(waiting) == 2
    assert [r.state for r in rows(waiting)] == ["sent", "sent"]


def test_a_part_waits_while_nobody_knows_of_the_one_before_it(waiting: Desk) -> None:
    waiting.script.on_send = lost
    waiting.answer(files=uploads(waiting, "a.png", "b.png", "c.png"))
    send(waiting)
    assert [r.state for r in rows(waiting)] == ["unknown", "queued"]
    waiting.script.on_look_up = lambda _: Sent("r1", waiting.clock())
    waiting.clock.forward(minutes=2)
    assert look(waiting) == 1
    numbered(waiting)
    assert send(waiting) == 1
    assert sent(waiting)[-1] == ("", ["c.png"])


def test_a_double_click_is_one_answer_however_many_parts_it_has(waiting: Desk) -> None:
    numbered(waiting)
    first = waiting.answer(files=uploads(waiting, "a.png", "b.png", "c.png"))
    assert waiting.answer(files=uploads(waiting, "a.png", "b.png", "c.png")) == first
    assert send(waiting) == 2
    assert sent(waiting) == [("our answer", ["a.png", "b.png"]), ("", ["c.png"])]


def test_the_platforms_copy_of_our_answer_shows_the_files_that_we_sent(waiting: Desk) -> None:
    waiting.script.on_send = lost
    waiting.answer(files=uploads(waiting, "a.png"))
    send(waiting)
    waiting.take(own("r1", minutes=1, attachments=(PHOTO,)))
    assert [(f.name, f.state, f.message_id) for f in files(waiting)] == [
        ("a.png", "stored", waiting.message("r1").id)
    ]
    assert answers(waiting) == [("r1", waiting.agent_id, rows(waiting)[0].id)]


def test_a_wordless_answer_is_told_apart_from_a_wordless_message_by_its_files(
    waiting: Desk,
) -> None:
    waiting.script.on_send = lost
    waiting.answer("", files=uploads(waiting, "a.png"))
    send(waiting)
    waiting.take(own("link", "https://lumen.example/help", minutes=1))
    assert [r.state for r in rows(waiting)] == ["unknown"]
    waiting.take(own("r1", "", minutes=2, attachments=(PHOTO,)))
    assert [(r.state, r.external_id) for r in rows(waiting)] == [("sent", "r1")]


def test_a_copy_that_came_before_its_answer_was_known_is_replaced_by_what_we_sent(
    waiting: Desk,
) -> None:
    def echoed_as_another(_: Outgoing) -> Sent:
        waiting.take(own("r1", "other words", minutes=1, attachments=(PHOTO,)))
        fetch_due(waiting.store, waiting.settings, waiting.clock)
        return Sent("r1", waiting.clock())

    waiting.script.on_download = lambda _: Downloaded(PDF)
    waiting.script.on_send = echoed_as_another
    waiting.answer(files=uploads(waiting, "a.png"))
    send(waiting)
    assert [(f.name, f.message_id) for f in files(waiting)] == [("a.png", waiting.message("r1").id)]
    assert len(waiting.rows(FileContent)) == 1


def test_an_own_message_that_was_deleted_takes_its_files_along(waiting: Desk) -> None:
    numbered(waiting)
    waiting.answer(files=uploads(waiting, "a.png"))
    send(waiting)
    waiting.take(own("r1", deleted_at=waiting.clock()))
    assert waiting.rows(File) == waiting.rows(FileContent) == []


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("page.png", HTML, "Scripted does not take page.png (text/html)."),
        ("empty.png", b"", "empty.png is empty."),
        ("big.pdf", PDF + bytes(100_000), "big.pdf is larger than Scripted takes (0.1 MB)."),
    ],
)
def test_what_the_platform_would_not_take_is_not_queued(
    waits: Desk, name: str, data: bytes, reason: str
) -> None:
    chosen = upload(waits, name, data)
    with pytest.raises(ReplyInvalid) as told:
        waits.answer(files=[chosen])
    assert (told.value.code, told.value.reason) == ("file", reason)
    assert rows(waits) == []
    assert [f.state for f in files(waits)] == ["draft"]


def test_too_many_files_are_not_queued(waits: Desk) -> None:
    chosen = uploads(waits, *(f"{n}.png" for n in range(MOST_FILES + 1)))
    with pytest.raises(ReplyInvalid, match="At most 10 files"):
        waits.answer(files=chosen)


def test_a_public_answer_takes_none_where_the_platform_has_none(sqlite_desk: Desk) -> None:
    sqlite_desk.take(says("1", visibility="public", kind="mention"))
    with pytest.raises(ReplyInvalid, match="takes no files in a public answer"):
        sqlite_desk.answer(visibility="public", files=[upload(sqlite_desk)])


def test_a_file_belongs_to_its_agent_its_conversation_and_one_answer(waits: Desk) -> None:
    with waits.store.write() as session:
        bo = User(email="bo@lumen.example", name="Bo", role="agent", created_at=waits.clock())
        session.add(bo)
        session.flush()
    waits.take(says("2", conversation="c2", author="ben"))
    [theirs, mine] = [upload(waits, by=bo.id), upload(waits)]
    ben = waits.conversation("ben").id
    for chosen, where in (([theirs], None), ([mine], ben), ([mine, 999], None), ([mine] * 2, None)):
        with pytest.raises(ReplyInvalid, match="no longer here"):
            waits.answer(files=chosen, conversation=where)
    waits.answer(files=[mine])
    with pytest.raises(ReplyInvalid, match="no longer here"):
        waits.answer(form_key="form-2", files=[mine])


def test_uploads_that_became_no_answer_are_forgotten_after_a_day(waiting: Desk) -> None:
    waiting.answer(files=uploads(waiting, "sent.png"))
    waiting.clock.forward(hours=20)
    upload(waiting, "young.png")
    waiting.clock.forward(hours=5)
    upload(waiting, "new.png")
    tidy(waiting.store, waiting.clock() - timedelta(hours=1))
    assert len(files(waiting)) == 3
    tidy(waiting.store, waiting.clock() + timedelta(hours=20))
    assert [f.name for f in files(waiting)] == ["sent.png", "new.png"]
    assert len(waiting.rows(FileContent)) == 2


def test_parts_keep_the_order_of_words_and_files() -> None:
    apart = replace(MEDIA, with_text=False, most=4)
    assert parts_of(["hi"], [], MEDIA) == [Part("hi")]
    assert parts_of(["hi"], [1, 2, 3], MEDIA) == [Part("hi", (1, 2)), Part("", (3,))]
    assert parts_of([""], [1], apart) == [Part("", (1,))]
    assert parts_of(["hi"], [1, 2], apart) == [Part("hi"), Part("", (1,)), Part("", (2,))]
