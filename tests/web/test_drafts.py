"""Drafts on the page, in the list and in the API."""

from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from inbox.store.tables import User
from tests.factories import PASSWORD, make_brand, make_conversation
from tests.web.api.calling import V1, program
from tests.web.serving import Site
from tests.web.test_conversations import HOSTILE, form
from tests.web.test_files_browser import sign_in
from tests.web.test_live import announce, wait_until


def test_a_draft_stands_on_every_device_of_its_author_until_it_is_sent(
    site: Site, ada: User, bo: User
) -> None:
    path = f"/conversations/{make_conversation(site.store).id}"
    desk, phone, other = site.signed_in(ada), site.signed_in(ada), site.signed_in(bo)
    typed = form(desk.get(path).text) | {"mode": "private", "text": f"We look. {HOSTILE}"}
    assert desk.post(f"{path}/draft", data=typed).status_code == 204
    page = phone.get(path).text
    assert ">We look. &lt;" in page
    assert '<b class="row-draft">' in page
    for found in ("/?q=is:open", "/"):
        assert '<b class="row-draft">' in phone.get(found).text
        assert '<b class="row-draft">' not in other.get(found).text
    assert form(page)["idempotency_key"] == typed["idempotency_key"]
    assert "We look" not in other.get(path).text
    assert phone.post(f"{path}/reply", data=form(page) | typed).status_code == 303
    assert '<b class="row-draft" hidden>' in desk.get(path).text
    late = desk.post(f"{path}/draft", data=typed | {"text": "We look again"})
    assert late.status_code == 200, "the browser keeps what the server does not"


def test_only_ways_to_answer_are_kept(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    path = f"/conversations/{make_conversation(site.store).id}"
    typed = form(browser.get(path).text) | {"mode": "loud", "text": "We look."}
    assert browser.post(f"{path}/draft", data=typed).status_code == 400
    assert browser.post("/conversations/99/draft", data=typed).status_code == 404


def test_programs_keep_and_read_their_persons_drafts(site: Site, ada: User, bo: User) -> None:
    id_ = make_conversation(site.store).id
    mine, theirs = program(site, ada), program(site, bo)
    said = {"text": "We look.", "visibility": "note"}
    for _ in range(2):
        (kept,) = mine.post(f"{V1}/conversations/{id_}/draft", json=said).json()["drafts"]
        assert (kept["conversation_id"], kept["text"], kept["visibility"]) == (id_, *said.values())
    assert theirs.get(f"{V1}/drafts").json() == {"drafts": []}
    assert "We look." in site.signed_in(ada).get(f"/conversations/{id_}").text
    mine.post(f"{V1}/conversations/{id_}/draft", json={"text": " "})
    assert mine.get(f"{V1}/drafts").json() == {"drafts": []}


def test_typed_words_stand_on_a_second_device_and_outlive_that_it_sends_them(
    browser: Browser, site: Site, ada: User
) -> None:
    path = f"/conversations/{make_conversation(site.store).id}"
    with (
        browser.new_context(base_url=site.url) as office,
        browser.new_context(base_url=site.url) as pocket,
    ):
        for device in (office, pocket):
            sign_in(device, site, ada)
        desk, phone = office.new_page(), pocket.new_page()
        desk.goto(path)
        saved(desk, "你" * 8000, 204)
        desk.wait_for_function("localStorage.length === 0")  # the server has it
        saved(desk, "We look", 204)
        phone.goto(path)
        expect(phone.locator("#composer-text")).to_have_value("We look")
        phone.locator("#composer .btn-primary").click()
        expect(phone.locator("#composer-text")).to_have_value("")
        saved(desk, "We look, and more", 200)
        desk.reload()
        expect(desk.locator("#composer-text")).to_have_value("We look, and more")
        expect(desk.locator(".msg-out .msg-text")).to_have_text("We look")


def test_a_page_that_is_older_than_the_words_does_not_take_them(
    browser: Browser, site: Site, ada: User
) -> None:
    """A button was pressed while the hand had just come to rest: its answer knows of no draft, and
    arrives when the draft is told."""
    with browser.new_context(base_url=site.url) as window:
        sign_in(window, site, ada)
        page = window.new_page()
        page.goto(f"/conversations/{make_conversation(site.store).id}")
        an_older_page_arrives(page)
        expect(page.locator("#composer-text")).to_have_value("We look")
        wait_until(lambda: page.evaluate("localStorage.length") == 0)  # and the server has it


def test_undo_and_words_that_the_server_was_not_told_yet_keep_both(
    browser: Browser, site: Site, ada: User
) -> None:
    """Before undo is pressed, and while its answer is on its way."""
    make_brand(site.store, undo_s=600)
    path = f"/conversations/{make_conversation(site.store).id}"
    with browser.new_context(base_url=site.url) as window:
        sign_in(window, site, ada)
        page = window.new_page()
        page.goto(path)
        page.locator("#composer-text").fill("We look.")
        page.locator("#composer .btn-primary").click()
        expect(page.locator("#composer-text")).to_have_value("")
        page.route("**/draft", lambda route: route.abort())

        def type_on(route: Route) -> None:
            answer = route.fetch()
            page.locator("#composer-text").press_sequentially("!")
            route.fulfill(response=answer)

        page.route("**/undo", type_on)
        page.locator("#composer-text").fill("And more")
        page.locator(".held-back").click()
        expect(page.locator("#composer-text")).to_have_value("We look.\n\nAnd more!")
        page.unroute("**/draft")
        saved(page, page.locator("#composer-text").input_value(), 204)
        page.reload()
        expect(page.locator("#composer-text")).to_have_value("We look.\n\nAnd more!")


def test_words_that_moved_into_a_newer_form_are_over_once_that_is_sent(
    browser: Browser, site: Site, ada: User
) -> None:
    """The server has them under the key of the form before."""
    with browser.new_context(base_url=site.url) as window:
        sign_in(window, site, ada)
        page = window.new_page()
        page.goto(f"/conversations/{make_conversation(site.store).id}")
        an_older_page_arrives(page)
        page.locator("#composer-text").press("Control+Enter")
        expect(page.locator(".msg-out .msg-text")).to_have_text("We look")
        page.reload()
        expect(page.locator("#composer-text")).to_have_value("")


def test_a_whole_card_number_is_warned_of_while_it_is_typed_and_nothing_moves(
    browser: Browser, site: Site, ada: User
) -> None:
    """As the guard will say when it is sent, in each way to answer; no letter, cursor or field is
    touched."""
    make_brand(site.store)
    with browser.new_context(base_url=site.url) as window:
        sign_in(window, site, ada)
        page = window.new_page()
        page.goto(f"/conversations/{make_conversation(site.store).id}")
        field, warning = page.locator("#composer-text"), page.locator("#guard")
        saved(page, "Is it 4111 1111 1111 111", 204)
        expect(warning).to_be_hidden()
        at = field.bounding_box()
        with page.expect_response("**/draft") as told:
            field.press_sequentially("1?")
        assert told.value.headers["guard"] == "refused"
        expect(warning).to_contain_text("it will not be sent")
        expect(field).to_have_value("Is it 4111 1111 1111 1111?")
        expect(field).to_be_focused()
        assert field.evaluate("field => field.selectionStart") == 26
        assert field.bounding_box() == at
        page.locator(".mode-note").click()
        expect(warning).to_contain_text("first and last four digits only")
        page.locator("#composer [name=mode][value=private]").check(force=True)
        expect(warning).to_contain_text("it will not be sent")
        page.locator("#composer .btn-primary").click()
        expect(page.locator("#composer-error")).to_contain_text("whole card number")
        expect(warning).to_be_hidden()
        saved(page, "Is it the one ending 1111?", 204)
        expect(page.locator("#composer-error")).to_be_hidden()
        make_brand(site.store, approval_findings=True)
        saved(page, "Is it 4111111111111111?", 204)
        expect(warning).to_contain_text("waits until a lead has read it")


def test_whose_session_ended_signs_in_from_the_banner_and_finds_page_and_words(
    browser: Browser, site: Site, ada: User
) -> None:
    path = f"/conversations/{make_conversation(site.store).id}"
    with browser.new_context(base_url=site.url) as window:
        sign_in(window, site, ada)
        page = window.new_page()
        with page.expect_response("**/events?*"):
            page.goto(path)
        site.signed_in(ada).post("/me/sessions/end-others")
        page.locator("#composer-text").fill("We look")
        announce(site.store, 1)
        page.locator("#list [data-banner]").get_by_role("link", name="Sign in").click()
        expect(page.locator("[role=alert]")).to_contain_text("What you wrote is kept")
        page.get_by_label("E-mail address").fill(ada.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{site.url}{path}")
        expect(page.locator("#composer-text")).to_have_value("We look")


def an_older_page_arrives(page: Page) -> None:
    before: list[APIResponse] = []
    held: list[Route] = []

    def hold(route: Route) -> None:
        before.append(route.fetch())
        held.append(route)

    page.route("**/assign", hold)
    page.get_by_role("button", name="Assign to me").click()
    while not held:
        page.wait_for_timeout(20)
    saved(page, "We look", 204)
    page.wait_for_timeout(50)
    held[0].fulfill(response=before[0])
    expect(page.locator(".th-owner")).to_contain_text("You")


def saved(page: Page, words: str, status: int) -> None:
    """The words are typed, and the server is told of them once the hand rests."""
    with page.expect_response("**/draft") as told:
        page.locator("#composer-text").fill(words)
    assert told.value.status == status
