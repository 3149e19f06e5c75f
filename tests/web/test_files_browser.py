"""Files in a real browser: chosen, dropped, pasted, taken away, sent and seen."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, Route, expect

from inbox.store.tables import Conversation, User
from tests.factories import first_message, make_account, make_conversation, make_file
from tests.pictures import HTML, PDF, picture
from tests.scripted import scripted_platforms
from tests.web.serving import Site
from tests.web.test_files import files, replies

PNG: FilePayload = {
    "name": "receipt.png",
    "mimeType": "image/png",
    "buffer": picture("PNG", (300, 200)),
}
RECEIPT = "收据-of-the-corner-shop-of-monday-evening.png"
PAPER: FilePayload = {"name": "statement.pdf", "mimeType": "application/pdf", "buffer": PDF}
GIVE = """([target, kind, name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const moved = new DataTransfer();
  moved.items.add(new File([bytes], name, { type }));
  const how = { bubbles: true, cancelable: true };
  const event = kind === "paste"
    ? new ClipboardEvent(kind, { ...how, clipboardData: moved })
    : new DragEvent(kind, { ...how, dataTransfer: moved });
  return document.querySelector(target).dispatchEvent(event);
}"""
SCROLLS = """(image) => {
  const dialog = image.closest(".dialog");
  return dialog.scrollHeight - dialog.clientHeight;
}"""
SHOWN = "(image) => image.complete && image.naturalWidth > 0"


@pytest.fixture(autouse=True)
def _scripted() -> Iterator[None]:
    with scripted_platforms():
        yield


@pytest.fixture
def conversation(site: Site) -> Conversation:
    return make_conversation(site.store, make_account(site.store, "scripted"))


@pytest.fixture
def context(browser: Browser, site: Site, ada: User) -> Iterator[BrowserContext]:
    """Ada's window; what its content policy or its scripts complain of fails the test."""
    complaints: list[str] = []
    with browser.new_context(base_url=site.url, accept_downloads=True) as found:
        found.on("weberror", lambda error: complaints.append(str(error.error)))
        found.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        sign_in(found, site, ada)
        yield found
    assert sorted({said for said in complaints if "422" not in said}) == []


def sign_in(context: BrowserContext, site: Site, user: User) -> None:
    """The cookie of someone who has signed in."""
    cookies = site.signed_in(user).cookies.jar
    context.add_cookies(
        [{"name": c.name, "value": c.value or "", "url": site.url} for c in cookies]
    )


@pytest.fixture
def page(context: BrowserContext, conversation: Conversation) -> Page:
    page = context.new_page()
    page.goto(f"/conversations/{conversation.id}")
    return page


def give(page: Page, target: str, kind: str, name: str, mime: str, data: bytes) -> bool:
    """Drops or pastes a file; whether the browser would do something of its own."""
    done: bool = page.evaluate(GIVE, [target, kind, name, mime, base64.b64encode(data).decode()])
    return done


def chosen(page: Page) -> list[str]:
    return page.locator("#chosen .file-name").all_inner_texts()


def test_a_picture_is_attached_seen_sent_and_seen_again(page: Page, site: Site) -> None:
    page.locator("#composer-files").set_input_files([PNG])
    row = page.locator(".chosen-file")
    expect(row).to_contain_text("receipt.png")
    expect(row.locator("canvas")).to_be_visible()
    expect(page.locator("#keep")).to_contain_text("files go along")
    page.locator("#composer-text").fill("Here is the receipt.")
    page.locator("#composer .btn-primary").click()
    thumb = page.locator(".msg-out .file-box img")
    expect(thumb).to_have_attribute("alt", "receipt.png")
    page.wait_for_function(SHOWN, arg=thumb.element_handle())
    expect(page.locator(".chosen-file")).to_have_count(0)
    expect(page.locator("#composer-text")).to_have_value("")
    [reply], [file] = replies(site.store), files(site.store)
    assert (reply.text, file.outbox_id, file.mime) == (
        "Here is the receipt.",
        reply.id,
        "image/png",
    )


def test_files_are_gathered_by_choice_drop_and_paste_and_taken_away(page: Page, site: Site) -> None:
    page.locator("#composer-files").set_input_files([PAPER])
    assert not give(page, "#log", "drop", "dropped.png", "image/png", picture())
    assert not give(page, "#composer-text", "paste", "pasted.png", "image/png", picture())
    page.locator("#composer-files").set_input_files([PNG])
    assert chosen(page) == ["statement.pdf", "dropped.png", "pasted.png", "receipt.png"]
    page.get_by_role("button", name="Take dropped.png away").click()
    page.locator("#composer .btn-primary").click()
    expect(page.locator(".msg-out")).to_have_count(2)
    assert [f.name for f in files(site.store)] == ["statement.pdf", "pasted.png", "receipt.png"]
    assert [r.text for r in replies(site.store)] == ["", ""]


def test_a_file_dropped_beside_the_form_does_not_take_the_page_away(page: Page) -> None:
    assert not give(page, "#rows", "drop", "a.png", "image/png", picture())
    assert chosen(page) == []


def test_what_the_platform_does_not_take_is_told_before_it_leaves(page: Page) -> None:
    send = page.locator("#composer .btn-primary")
    page.locator("#composer-text").fill("Look.")
    give(page, "#log", "drop", "page.html", "text/html", HTML)
    expect(page.locator(".chosen-file")).to_contain_text("not taken here")
    expect(send).to_be_disabled()
    page.get_by_role("button", name="Take page.html away").click()
    expect(send).to_be_enabled()
    give(page, "#log", "drop", "big.png", "image/png", bytes(100_001))
    expect(page.locator(".chosen-file")).to_contain_text("too large, at most 100 kB")
    expect(send).to_be_disabled()


def test_files_wait_for_their_conversation_while_another_is_open(page: Page, site: Site) -> None:
    other = make_conversation(site.store, make_account(site.store, "scripted"), name="Wen Lu")
    page.reload()
    page.locator("#composer-files").set_input_files([PNG])
    first = page.url
    page.locator(f"#open-{other.id}").click()
    expect(page.locator("#thread h1")).to_contain_text("Wen Lu")
    assert chosen(page) == []
    page.locator(f"#open-{first.rpartition('/')[2]}").click()
    expect(page.locator("#chosen .file-name")).to_have_text("receipt.png")


def test_a_look_that_comes_late_does_not_say_that_another_conversation_is_open(
    page: Page, site: Site
) -> None:
    other = make_conversation(site.store, make_account(site.store, "scripted"), name="Wen Lu")
    page.reload()
    first, held = page.url, list[Route]()
    page.route(
        first,
        lambda route: held.append(route) if route.request.resource_type == "fetch" else None,
        times=1,
    )
    page.evaluate("document.dispatchEvent(new Event('conversation'))")
    while not held:
        page.wait_for_timeout(20)
    page.locator(f"#open-{other.id}").click()
    expect(page.locator("#thread h1")).to_contain_text("Wen Lu")
    with page.expect_response(first):
        held[0].continue_()
    page.locator(f"#open-{first.rpartition('/')[2]}").click()
    expect(page.locator("#thread h1")).not_to_contain_text("Wen Lu")


def test_files_chosen_before_the_page_is_ready_go_along(page: Page) -> None:
    held: list[Route] = []
    page.route("**/attach.js*", lambda route: held.append(route))
    page.reload(wait_until="commit")
    page.locator("#composer-files").set_input_files([PNG])
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(page.locator("#chosen .file-name")).to_have_text("receipt.png")


def test_what_the_server_refuses_stays_in_the_form_and_can_be_left_out(
    page: Page, site: Site
) -> None:
    disguised: FilePayload = {"name": PAPER["name"], "mimeType": PAPER["mimeType"], "buffer": HTML}
    page.locator("#composer-text").fill("Look.")
    page.locator("#composer-files").set_input_files([PNG, disguised])
    page.locator("#composer .btn-primary").click()
    expect(page.locator("#composer-error")).to_contain_text("does not take statement.pdf")
    expect(page.locator("#composer-text")).to_have_value("Look.")
    page.get_by_role("checkbox", name="statement.pdf").uncheck()
    page.locator("#composer .btn-primary").click()
    expect(page.locator(".msg-out .file-box img")).to_have_attribute("alt", "receipt.png")
    assert [f.state for f in files(site.store)] == ["stored", "draft"]


def test_files_go_along_without_a_script(
    browser: Browser, site: Site, ada: User, conversation: Conversation
) -> None:
    with browser.new_context(base_url=site.url, java_script_enabled=False) as context:
        sign_in(context, site, ada)
        page = context.new_page()
        page.goto(f"/conversations/{conversation.id}")
        field = page.locator("#composer-files")
        expect(field).to_be_visible()
        field.set_input_files([PNG])
        page.locator("#composer .btn-primary").click()
        expect(page.locator(".msg-out .file-box img")).to_have_attribute("alt", "receipt.png")


def test_a_customers_file_is_saved_and_its_picture_opens(
    page: Page, site: Site, conversation: Conversation, tmp_path: Path
) -> None:
    message = first_message(site.store, conversation)
    make_file(site.store, message, picture("PNG", (600, 900)), name=RECEIPT)
    make_file(site.store, message, HTML, name="invoice.html")
    page.reload()
    for name, data in ((RECEIPT, picture("PNG", (600, 900))), ("invoice.html", HTML)):
        with page.expect_download() as download:
            page.locator(".files > li > a").filter(has_text=name).click()
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / "saved")
        assert (tmp_path / "saved").read_bytes() == data
    page.get_by_role("button", name=RECEIPT).click()
    large = page.locator(".file-large")
    expect(large).to_be_visible()
    page.wait_for_function(SHOWN, arg=large.element_handle())
    assert large.evaluate("(image) => [image.naturalWidth, image.naturalHeight]") == [600, 900]
    page.set_viewport_size({"width": 390, "height": 400})
    assert large.evaluate(SCROLLS) == 0
    page.keyboard.press("Escape")
    expect(large).to_be_hidden()
    expect(page.locator("#thread")).to_be_visible()
