"""Files of customers come in once, are what their bytes say, and go when their message goes."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from connectors.core.contract import Attachment, Downloaded
from connectors.core.errors import (
    AuthExpired,
    AuthRevoked,
    ConnectorError,
    RateLimited,
    Refused,
    Transient,
)
from inbox.domain.outbox import MAX_FAILURES
from inbox.flows.files import A_RUN, MOST, SOON, fetch_due
from inbox.flows.importing import export_lines, import_lines
from inbox.store import accounts
from inbox.store.tables import File, FileContent
from tests.flows.desk import Desk, own, says
from tests.flows.sending import send
from tests.pictures import HTML, PDF, SVG, bomb, picture

PHOTO = Attachment("https://files.example/1", "image/png", "receipt.png", 900, "media/1")


def fetch(desk: Desk) -> int:
    return fetch_due(desk.store, desk.settings, desk.clock)


def gives(data: bytes, claimed: str | None = None) -> Callable[[Attachment], Downloaded]:
    return lambda _: Downloaded(data, claimed)


def fails(error: ConnectorError) -> Callable[[Attachment], Downloaded]:
    def refuse(_: Attachment) -> Downloaded:
        raise error

    return refuse


def files(desk: Desk) -> list[File]:
    found: list[File] = desk.rows(File)
    return found


def states(desk: Desk) -> list[tuple[str, str]]:
    return [(f.name, f.state) for f in files(desk)]


def contents(desk: Desk) -> list[FileContent]:
    found: list[FileContent] = desk.rows(FileContent)
    return found


def test_a_file_is_fetched_through_its_account_and_kept(desk: Desk) -> None:
    desk.take(says("1", attachments=(PHOTO, replace(PHOTO, name="second.png"))))
    assert states(desk) == [("receipt.png", "waiting"), ("second.png", "waiting")]
    desk.script.on_download = gives(picture("PNG", (30, 20)), "text/html")
    assert fetch(desk) == 2
    assert desk.script.downloads[0] == PHOTO
    first = files(desk)[0]
    assert (first.state, first.mime, first.claimed) == ("stored", "image/png", "image/png")
    assert (first.size, first.previewed) == (len(picture("PNG", (30, 20))), True)
    assert first.stored_at == desk.clock()
    assert [c.content for c in contents(desk)] == [picture("PNG", (30, 20))] * 2
    assert fetch(desk) == 0
    assert len(desk.script.downloads) == 2


def test_a_message_that_comes_again_brings_no_second_file(desk: Desk) -> None:
    for _ in range(2):
        desk.take(says("1", attachments=(PHOTO,)))
    assert states(desk) == [("receipt.png", "waiting")]


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (HTML, "text/html"),
        (SVG, "image/svg+xml"),
        (b"", "application/octet-stream"),
        (bomb(), "image/png"),
        (picture("PNG", (200, 200))[:-150], "image/png"),
        (PDF, "application/pdf"),
    ],
    ids=["html", "svg", "nothing", "bomb", "broken", "pdf"],
)
def test_what_only_says_that_it_is_a_picture_has_no_preview(
    sqlite_desk: Desk, data: bytes, mime: str
) -> None:
    sqlite_desk.take(says("1", attachments=(PHOTO,)))
    sqlite_desk.script.on_download = gives(data, "image/png")
    assert fetch(sqlite_desk) == 1
    [file] = files(sqlite_desk)
    assert (file.mime, file.previewed, file.size) == (mime, False, len(data))
    assert [(c.content, c.preview) for c in contents(sqlite_desk)] == [(data, None)]


def test_a_file_that_is_larger_than_it_may_be_is_refused(sqlite_desk: Desk) -> None:
    sqlite_desk.take(says("1", attachments=(PHOTO,)))
    sqlite_desk.script.on_download = gives(bytes(MOST + 1))
    assert fetch(sqlite_desk) == 0
    [file] = files(sqlite_desk)
    assert (file.state, file.reason) == ("refused", "The file is too large.")
    assert contents(sqlite_desk) == []


def test_a_refusal_is_told_with_its_reason_and_nothing_is_asked_again(desk: Desk) -> None:
    desk.take(says("1", attachments=(PHOTO,)))
    desk.script.on_download = fails(Refused("The platform no longer has this file."))
    fetch(desk)
    desk.clock.forward(days=1)
    fetch(desk)
    [file] = files(desk)
    assert (file.state, file.reason) == ("refused", "The platform no longer has this file.")
    assert len(desk.script.downloads) == 1


def test_a_file_that_fails_is_tried_again_later_and_in_the_end_no_more(desk: Desk) -> None:
    desk.take(says("1", attachments=(PHOTO,)))
    desk.script.on_download = fails(Transient("The line broke."))
    fetch(desk)
    [file] = files(desk)
    assert (file.state, file.reason, file.failures) == ("waiting", "The line broke.", 1)
    assert file.not_before == desk.clock() + timedelta(seconds=15)
    fetch(desk)
    assert len(desk.script.downloads) == 1
    for _ in range(MAX_FAILURES + 2):
        desk.clock.forward(hours=1)
        fetch(desk)
    [file] = files(desk)
    assert (file.state, file.reason) == ("refused", "The line broke.")
    assert len(desk.script.downloads) == MAX_FAILURES


def test_a_file_that_kills_its_process_does_not_do_so_for_ever(desk: Desk) -> None:
    def die(_: Attachment) -> Downloaded:
        raise KeyboardInterrupt

    desk.take(says("1", attachments=(PHOTO,)))
    desk.script.on_download = die
    with pytest.raises(KeyboardInterrupt):
        fetch(desk)
    fetch(desk)  # not at once
    for _ in range(MAX_FAILURES + 2):
        desk.clock.forward(hours=1)
        try:
            fetch(desk)
        except KeyboardInterrupt:
            continue
    assert len(desk.script.downloads) == MAX_FAILURES
    assert states(desk) == [("receipt.png", "refused")]


def test_a_limit_rests_all_files_of_the_account_and_counts_as_no_failure(desk: Desk) -> None:
    desk.take(says("1", attachments=(PHOTO,) * 3))
    until = desk.clock() + timedelta(minutes=10)
    desk.script.on_download = fails(RateLimited("Too many.", until))
    fetch(desk)
    assert [(f.state, f.failures, f.not_before) for f in files(desk)] == [("waiting", 0, until)] * 3
    assert len(desk.script.downloads) == 1
    desk.clock.forward(minutes=10)
    desk.script.on_download = gives(PDF)
    assert fetch(desk) == 3


def test_stale_credentials_are_waited_for(desk: Desk) -> None:
    desk.take(says("1", attachments=(PHOTO, PHOTO)))
    desk.script.on_download = fails(AuthExpired("Expired."))
    fetch(desk)
    assert [(f.failures, f.not_before) for f in files(desk)] == [(0, desk.clock() + SOON)] * 2
    desk.clock.forward(minutes=1)
    desk.script.on_download = gives(PDF)
    assert fetch(desk) == 2


def test_a_server_that_a_customer_named_cannot_revoke_the_account(desk: Desk) -> None:
    desk.take(says("1", attachments=(PHOTO,)))
    desk.script.on_download = fails(AuthRevoked("The credentials were refused."))
    fetch(desk)
    with desk.store.read() as session:
        account = accounts.by_name(session, desk.account.channel, desk.account.handle)
    assert account is not None
    assert (account.state, account.failures) == (accounts.ACTIVE, 0)


@pytest.mark.parametrize("state", [accounts.IMPORTED, accounts.PAUSED, accounts.REVOKED])
def test_nothing_is_fetched_for_an_account_that_does_not_work(desk: Desk, state: str) -> None:
    desk.take(says("1", attachments=(PHOTO,)))
    with desk.store.write() as session:
        accounts.set_state(session, desk.account.id, accounts.ACTIVE, state)
    assert fetch(desk) == 0
    assert desk.script.downloads == []


def test_one_run_is_short_so_that_no_account_keeps_a_worker(sqlite_desk: Desk) -> None:
    sqlite_desk.take(says("1", attachments=(PHOTO,) * (A_RUN + 5)))
    sqlite_desk.script.on_download = gives(PDF)
    assert fetch(sqlite_desk) == A_RUN
    assert fetch(sqlite_desk) == 5


def test_a_deleted_message_takes_its_files_and_their_bytes_along(desk: Desk) -> None:
    desk.take(says("1", attachments=(PHOTO,)), says("2", attachments=(PHOTO,)))
    desk.script.on_download = gives(picture())
    fetch(desk)
    desk.take(says("1", deleted_at=desk.clock()))
    assert len(files(desk)) == len(contents(desk)) == 1
    assert files(desk)[0].message_id == desk.message("2").id


def test_a_message_deleted_while_its_file_is_fetched_leaves_no_bytes(desk: Desk) -> None:
    def deleted_meanwhile(_: Attachment) -> Downloaded:
        desk.take(says("1", deleted_at=desk.clock()))
        return Downloaded(picture())

    desk.take(says("1", attachments=(PHOTO,)))
    desk.script.on_download = deleted_meanwhile
    assert fetch(desk) == 0
    assert (files(desk), contents(desk)) == ([], [])


def test_a_message_that_arrives_deleted_has_no_files(sqlite_desk: Desk) -> None:
    sqlite_desk.take(says("1", attachments=(PHOTO,), deleted_at=sqlite_desk.clock()))
    assert files(sqlite_desk) == []


def test_a_size_that_no_file_has_keeps_no_message_out(desk: Desk) -> None:
    odd = (replace(PHOTO, size=2**70), replace(PHOTO, size=-1), replace(PHOTO, size=2**40))
    assert desk.take(says("1", attachments=odd)).new == 1
    assert [f.size for f in files(desk)] == [None, None, 2**40]


def test_what_a_message_names_is_exported_and_imported_the_same(
    sqlite_desk: Desk,
) -> None:
    sqlite_desk.take(says("1", attachments=(PHOTO,)))
    assert sqlite_desk.message("1").attachments == [asdict(PHOTO)]
    lines = list(export_lines(sqlite_desk.store))
    moved = [line.replace(sqlite_desk.account.handle, "@elsewhere") for line in lines]
    refused: list[tuple[int, str]] = []
    import_lines(
        sqlite_desk.store,
        moved,
        classifier=None,
        now=sqlite_desk.clock,
        refuse=lambda number, reason: refused.append((number, reason)),
    )
    assert refused == []
    again = [line for line in export_lines(sqlite_desk.store) if "@elsewhere" in line]
    assert again == moved
    sqlite_desk.script.on_download = gives(PDF)
    assert fetch(sqlite_desk) == 1  # the imported account's own is never asked for


def test_the_list_names_the_file_where_there_are_no_words(sqlite_desk: Desk) -> None:
    sqlite_desk.take(says("1", "", attachments=(PHOTO,)))
    assert sqlite_desk.conversation().preview == "receipt.png"


def test_our_own_answer_from_elsewhere_brings_its_files_too(sqlite_desk: Desk) -> None:
    sqlite_desk.take(says("1"), own("2", attachments=(PHOTO,)))
    sqlite_desk.script.on_download = gives(PDF)
    assert send(sqlite_desk) == 0
    assert fetch(sqlite_desk) == 1
    assert files(sqlite_desk)[0].message_id == sqlite_desk.message("2").id
