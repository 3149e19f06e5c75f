"""Files on a conversation's page, their addresses, and those that an agent sends."""

import re
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from inbox.store.session import Store
from inbox.store.tables import Conversation, File, Message, Reply, User
from inbox.web.answer_form import MOST_BODY
from tests.factories import (
    first_message,
    make_account,
    make_conversation,
    make_file,
    make_message,
    make_reply,
)
from tests.pictures import HTML, PDF, SVG, picture, seen
from tests.scripted import scripted_platforms
from tests.web.serving import Site
from tests.web.test_conversations import HOSTILE, HX, form

CUSTOM = re.compile(r"filename\*=UTF-8''(\S+)")


@pytest.fixture(autouse=True)
def _scripted() -> Iterator[None]:
    with scripted_platforms():
        yield


@pytest.fixture
def conversation(site: Site) -> Conversation:
    """A customer waits on a channel that takes files."""
    return make_conversation(site.store, make_account(site.store, "scripted"))


@pytest.fixture
def message(site: Site, conversation: Conversation) -> Message:
    return first_message(site.store, conversation)


@pytest.fixture
def browser(site: Site, ada: User) -> httpx2.Client:
    """Ada's."""
    return site.signed_in(ada)


def files(store: Store) -> list[File]:
    with store.read() as session:
        return list(session.scalars(select(File).order_by(File.id)))


def replies(store: Store) -> list[Reply]:
    with store.read() as session:
        return list(session.scalars(select(Reply).order_by(Reply.id)))


def answer(
    browser: httpx2.Client,
    conversation: Conversation,
    *chosen: tuple[str, bytes],
    fields: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> httpx2.Response:
    """Sends the conversation's form with these files."""
    path = f"/conversations/{conversation.id}"
    given = form(browser.get(path).text) | {"text": "We look.", "mode": "private"}
    return browser.post(
        f"{path}/reply",
        data=given | (fields or {}),
        files=[("files", (name, data, "image/png")) for name, data in chosen],
        headers=headers,
    )


def kept(page: str) -> list[str]:
    return re.findall(r'name="kept" value="(\d+)" checked', page)


def test_a_file_is_saved_as_it_came_and_never_shown(
    site: Site, browser: httpx2.Client, message: Message
) -> None:
    file = make_file(site.store, message, picture(), name="收据 1.png")
    got = browser.get(f"/files/{file.id}")
    assert got.content == picture()
    assert got.headers["content-type"] == "image/png"
    assert got.headers["content-disposition"].startswith("attachment; ")
    assert CUSTOM.findall(got.headers["content-disposition"]) == ["%E6%94%B6%E6%8D%AE%201.png"]
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert got.headers["cache-control"].startswith("private")


@pytest.mark.parametrize("data", [HTML, SVG, b"\x00anything"])
def test_what_a_browser_could_run_is_only_bytes_to_it(
    site: Site, browser: httpx2.Client, message: Message, data: bytes
) -> None:
    file = make_file(site.store, message, data)
    got = browser.get(f"/files/{file.id}")
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment; ")
    assert browser.get(f"/files/{file.id}/preview").status_code == 404


def test_a_picture_is_shown_as_we_drew_it(
    site: Site, browser: httpx2.Client, message: Message
) -> None:
    file = make_file(site.store, message, picture("JPEG", (1800, 900)))
    got = browser.get(f"/files/{file.id}/preview")
    assert (got.headers["content-type"], got.headers["content-disposition"]) == (
        "image/webp",
        "inline",
    )
    assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert seen(got.content).size == (1600, 800)


@pytest.mark.parametrize(
    "name", ['a"; filename="b.exe', "a\r\nX: y.png", "..\\..\\b.png", HOSTILE, "%00.png", "é.png"]
)
def test_a_hostile_name_stays_inside_its_header(
    site: Site, browser: httpx2.Client, message: Message, name: str
) -> None:
    file = make_file(site.store, message, picture(), name=name)
    got = browser.get(f"/files/{file.id}").headers["content-disposition"]
    assert re.fullmatch(
        r"attachment; filename=\"[^\"\\/%\r\n]+\"; filename\*=UTF-8''[\w.%~-]+", got, re.ASCII
    )


def test_what_is_not_here_answers_404(
    site: Site, browser: httpx2.Client, bo: User, message: Message
) -> None:
    waiting = make_file(site.store, message, picture(), state="waiting")
    refused = make_file(site.store, message, picture(), state="refused")
    draft = make_file(site.store, message, picture(), state="draft", agent_id=bo.id)
    for id_ in (waiting.id, refused.id, draft.id, 999, 2**70, "x"):
        assert browser.get(f"/files/{id_}").status_code == 404
        assert browser.get(f"/files/{id_}/preview").status_code == 404
    assert site.signed_in(bo).get(f"/files/{draft.id}/preview").status_code == 200


def test_who_is_not_signed_in_sees_no_file(site: Site, ada: User, message: Message) -> None:
    file = make_file(site.store, message, picture())
    assert site.browser().get(f"/files/{file.id}").status_code == 303


def test_the_page_shows_pictures_names_and_what_became_of_the_others(
    site: Site, browser: httpx2.Client, message: Message
) -> None:
    store = site.store
    shown = make_file(store, message, picture(), name="receipt.png")
    paper = make_file(store, message, PDF, name="statement.pdf")
    make_file(store, message, b"", name="photo.jpg", state="waiting", claimed="image/jpeg")
    make_file(store, message, b"", name="film.mp4", state="waiting", reason="The line broke.")
    make_file(store, message, b"", name="old.zip", state="refused", reason="It is gone.")
    page = browser.get(f"/conversations/{message.conversation_id}").text
    assert f'src="/files/{shown.id}/preview" alt="receipt.png" width="168" height="126"' in page
    assert f'href="/files/{shown.id}"' in page
    assert f'href="/files/{paper.id}"' in page
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert f"statement.pdf PDF · {len(PDF)} B" in words
    assert "film.mp4 Being fetched: The line broke." in words
    assert "old.zip Cannot be fetched: It is gone." in words
    assert page.count("file-awaited") == 1


def test_a_file_whose_page_was_never_asked_for_is_named(
    site: Site, browser: httpx2.Client, conversation: Conversation
) -> None:
    make_message(
        site.store, conversation, "", site.clock(), attachments=[{"name": "old.png"}, {"url": "x"}]
    )
    page = browser.get(f"/conversations/{conversation.id}").text
    assert "old.png" in page


def test_hostile_names_and_reasons_are_inert_on_the_page(
    site: Site, browser: httpx2.Client, message: Message
) -> None:
    for state in ("stored", "waiting", "refused"):
        make_file(site.store, message, picture(), name=HOSTILE, state=state, reason=HOSTILE)
        make_file(site.store, message, PDF, name=HOSTILE, state=state, reason=HOSTILE)
    page = browser.get(f"/conversations/{message.conversation_id}").text
    assert "<script>alert" not in page
    assert set(re.findall(r"<img [^>]*?src=\"([^\"]*)\"", page)) == {"/files/1/preview"}


def test_an_answer_takes_files_along_and_shows_them_on_their_way(
    site: Site, browser: httpx2.Client, conversation: Conversation
) -> None:
    done = answer(browser, conversation, ("a.png", picture()), ("b.pdf", PDF), ("c.png", picture()))
    assert done.status_code == 303
    assert [(f.name, f.mime, f.state) for f in files(site.store)] == [
        ("a.png", "image/png", "stored"),
        ("b.pdf", "application/pdf", "stored"),
        ("c.png", "image/png", "stored"),
    ]
    first, second = replies(site.store)
    assert [f.outbox_id for f in files(site.store)] == [first.id, first.id, second.id]
    page = browser.get(f"/conversations/{conversation.id}").text
    assert 'alt="c.png"' in page
    assert page.count("Waits for the one before") == 1


def test_files_need_no_words_but_an_answer_needs_something(
    site: Site, browser: httpx2.Client, conversation: Conversation
) -> None:
    assert answer(browser, conversation, fields={"text": ""}).status_code == 422
    nothing = answer(browser, conversation, ("", b""), fields={"text": ""})
    assert nothing.status_code == 422  # a browser sends an empty field like that
    done = answer(browser, conversation, ("a.png", picture()), fields={"text": " "})
    assert done.status_code == 303


@pytest.mark.parametrize("headers", [{}, HX])
def test_a_file_that_cannot_go_leaves_words_and_good_files_in_the_form(
    site: Site, browser: httpx2.Client, conversation: Conversation, headers: dict[str, str]
) -> None:
    refused = answer(
        browser, conversation, ("good.png", picture()), ("page.png", HTML), headers=headers
    )
    assert refused.status_code == 422
    assert ">We look.</textarea>" in refused.text
    assert "Scripted does not take page.png (text/html)." in refused.text
    good, bad = kept(refused.text)
    assert replies(site.store) == []
    done = answer(browser, conversation, fields={"kept": good})
    assert done.status_code == 303
    [reply] = replies(site.store)
    assert [(f.name, f.outbox_id) for f in files(site.store)] == [
        ("good.png", reply.id),
        ("page.png", None),
    ]
    assert bad


def test_files_wait_with_the_words_when_the_customer_wrote_meanwhile(
    site: Site, browser: httpx2.Client, conversation: Conversation
) -> None:
    path = f"/conversations/{conversation.id}"
    fields = form(browser.get(path).text)
    make_message(site.store, conversation, "Never mind!", site.clock())
    crossed = answer(browser, conversation, ("a.png", picture()), fields=fields)
    assert crossed.status_code == 422
    confirmed = form(crossed.text) | {"kept": kept(crossed.text)}
    assert answer(browser, conversation, ("b.png", picture()), fields=confirmed).status_code == 303
    assert [f.name for f in files(site.store)] == ["a.png", "b.png"]
    assert len(replies(site.store)) == 1


def test_a_double_click_with_files_is_one_answer_and_leaves_nothing_behind(
    site: Site, browser: httpx2.Client, conversation: Conversation
) -> None:
    fields = form(browser.get(f"/conversations/{conversation.id}").text)
    for _ in range(2):
        done = answer(browser, conversation, ("a.png", picture()), fields=fields)
        assert done.status_code == 303
    assert len(replies(site.store)) == len(files(site.store)) == 1


def test_other_words_in_a_form_that_was_sent_keep_their_files(
    site: Site, browser: httpx2.Client, conversation: Conversation
) -> None:
    fields = form(browser.get(f"/conversations/{conversation.id}").text)
    answer(browser, conversation, ("a.png", picture()), fields=fields)
    again = answer(
        browser, conversation, ("b.png", picture()), fields=fields | {"text": "Something else."}
    )
    assert again.status_code == 422
    assert len(kept(again.text)) == 1
    assert len(replies(site.store)) == 1


def test_another_agents_upload_cannot_be_taken_along(
    site: Site, browser: httpx2.Client, bo: User, conversation: Conversation
) -> None:
    bos = answer(site.signed_in(bo), conversation, ("bo.png", picture()), ("x.png", HTML))
    theirs = kept(bos.text)[0]
    stolen = answer(browser, conversation, fields={"kept": theirs})
    assert stolen.status_code == 422
    assert kept(stolen.text) == []
    assert replies(site.store) == []


def test_more_files_than_an_answer_may_have_are_refused(
    site: Site, browser: httpx2.Client, conversation: Conversation
) -> None:
    many = [(f"{n}.png", picture()) for n in range(12)]
    refused = answer(browser, conversation, *many)
    assert refused.status_code == 422
    assert len(kept(refused.text)) == 10


def test_only_the_answers_form_may_be_large(
    site: Site, browser: httpx2.Client, conversation: Conversation
) -> None:
    large = {"text": "x" * (2 * 1024 * 1024)}
    path = f"/conversations/{conversation.id}"
    assert browser.post(f"{path}/excuse", data=large).status_code == 413
    assert announced(site, browser, f"{path}/reply", MOST_BODY + 1) == 413
    assert announced(site, site.browser(), f"{path}/reply", MOST_BODY) == 303  # nothing is read
    two = bytes(2 * 1024 * 1024)
    assert answer(browser, conversation, ("large.png", two)).status_code == 422


def announced(site: Site, browser: httpx2.Client, path: str, length: int) -> int:
    """The status for a form of that length, before any of it is sent."""
    line = HTTPConnection(site.url.removeprefix("http://"))
    line.putrequest("POST", path)
    for name, value in {
        "Content-Length": str(length),
        "Content-Type": "multipart/form-data; boundary=b",
        "Cookie": "; ".join(f"{c.name}={c.value}" for c in browser.cookies.jar),
        "Sec-Fetch-Site": "same-origin",
    }.items():
        line.putheader(name, value)
    line.endheaders()
    try:
        return line.getresponse().status
    finally:
        line.close()


def test_who_may_not_answer_uploads_nothing(
    site: Site, ada: User, cy: User, conversation: Conversation
) -> None:
    path = f"/conversations/{conversation.id}/reply"
    fields = {"idempotency_key": "0123456789", "shown": "1", "mode": "private"}
    for browser, status in ((site.browser(), 303), (site.signed_in(cy), 404)):
        sent = browser.post(path, data=fields, files=[("files", ("a.png", picture()))])
        assert sent.status_code == status
    assert files(site.store) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"idempotency_key": "short"},
        {"shown": "-1"},
        {"shown": "9" * 30},
        {"kept": "x"},
        {"shown": ""},
    ],
)
def test_what_no_form_of_ours_sends_is_refused(
    browser: httpx2.Client, conversation: Conversation, fields: dict[str, str]
) -> None:
    assert answer(browser, conversation, fields=fields).status_code == 400


def test_the_form_says_what_each_way_takes(
    site: Site, browser: httpx2.Client, conversation: Conversation
) -> None:
    page = browser.get(f"/conversations/{conversation.id}").text
    assert 'accept="image/*,application/pdf"' in page
    assert 'enctype="multipart/form-data"' in page
    public = make_conversation(
        site.store, make_account(site.store, "scripted"), visibility="public", kind="mention"
    )
    with site.store.write() as session:
        session.get_one(Message, public.last_message_id).visibility = "public"
    page = browser.get(f"/conversations/{public.id}").text
    assert 'id="composer-text"' in page
    assert 'id="composer-files"' not in page


def test_a_reply_that_failed_still_shows_its_files(
    site: Site, ada: User, browser: httpx2.Client, conversation: Conversation, message: Message
) -> None:
    reply = make_reply(site.store, conversation, ada, state="refused")
    make_file(site.store, message, picture(), name="ours.png", message_id=None, outbox_id=reply.id)
    assert 'alt="ours.png"' in browser.get(f"/conversations/{conversation.id}").text
