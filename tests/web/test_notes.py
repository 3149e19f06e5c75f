"""Notes on the page and in the API: escaped, told, read by opening."""

import re

from playwright.sync_api import Browser, expect

from inbox.store.tables import User
from tests.factories import make_conversation
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site
from tests.web.test_conversations import HOSTILE, form
from tests.web.test_files_browser import sign_in


def test_a_note_is_written_in_the_composer_escaped_and_told(
    site: Site, ada: User, bo: User
) -> None:
    id_ = make_conversation(site.store).id
    writer, reader = site.signed_in(ada), site.signed_in(bo)
    fields = form(writer.get(f"/conversations/{id_}").text)
    words = {"mode": "note", "text": f"@bo {HOSTILE}"}
    answer = writer.post(f"/conversations/{id_}/reply", data=fields | words)
    assert answer.status_code == 303
    page = writer.get(f"/conversations/{id_}").text
    assert '<b class="named">@bo</b>' in page
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    notices = reader.get("/notices").text
    assert "Ada Voss mentioned you: Lin Yue" in notices
    assert "<script>alert(1)" not in notices
    assert count(notices) == "1"
    assert count(reader.get(f"/conversations/{id_}").text) == ""
    assert "warning is-unread" not in reader.get("/notices").text


def count(page: str) -> str:
    """The unread notices in the rail."""
    found = re.search(r'rail-unread"><span class="count">(\d+)', page)
    return found[1] if found else ""


def test_following_is_one_button_and_an_auditor_reads_notes_without_a_form(
    site: Site, ada: User, cy: User
) -> None:
    id_ = make_conversation(site.store).id
    browser = site.signed_in(ada)
    browser.post(f"/conversations/{id_}/follow")
    assert "Follow no more" in browser.get(f"/conversations/{id_}").text
    browser.post(f"/conversations/{id_}/unfollow")
    assert "Nobody is told of new messages." in browser.get(f"/conversations/{id_}").text
    auditor = site.signed_in(cy)
    assert 'value="note"' not in auditor.get(f"/conversations/{id_}").text


def test_programs_write_notes_once_and_read_what_they_were_told(
    site: Site, ada: User, bo: User
) -> None:
    id_ = make_conversation(site.store).id
    mine, theirs = program(site, ada), program(site, bo)
    about = f"{V1}/conversations/{id_}/notes"
    for _ in range(2):
        answer = mine.post(about, json={"text": "@bo look"}, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 200
    (note,) = mine.get(about).json()["notes"]
    assert (note["agent"], note["told"]) == (ada.email, [bo.email])
    told = theirs.get(f"{V1}/notices").json()
    (notice,) = told["notices"]
    assert (told["unread"], notice["kind"], notice["by"]) == (1, "mention", ada.name)
    assert theirs.post(f"{V1}/notices/read", json={"up_to": notice["id"]}).json() == {"marked": 1}
    empty = mine.post(about, json={"text": " "}, headers={"Idempotency-Key": "e"})
    assert (empty.status_code, code(empty)) == (422, "empty")
    followed = mine.post(f"{V1}/conversations/{id_}/follow").json()
    assert sorted(followed["followers"]) == sorted([ada.email, bo.email])


def test_a_second_answer_comes_back_with_the_first_and_goes_out_when_sent_anyway(
    site: Site, ada: User, bo: User
) -> None:
    id_ = make_conversation(site.store).id
    path = f"/conversations/{id_}"
    first, second = site.signed_in(ada), site.signed_in(bo)
    late = form(second.get(path).text) | {"mode": "private", "text": "Mine."}
    early = form(first.get(path).text) | {"mode": "private", "text": HOSTILE}
    assert first.post(f"{path}/reply", data=early).status_code == 303
    stopped = second.post(f"{path}/reply", data=late)
    assert stopped.status_code == 422
    assert "Ada Voss answered meanwhile" in stopped.text
    assert "<script>alert(1)" not in stopped.text
    assert ">Mine.</textarea>" in stopped.text
    assert "Send anyway" in stopped.text
    anyway = form(stopped.text) | {"mode": "private", "text": "Mine."}
    assert second.post(f"{path}/reply", data=anyway).status_code == 303


def test_a_programs_second_answer_is_a_conflict_unless_it_insists(
    site: Site, ada: User, bo: User
) -> None:
    reply = f"{V1}/conversations/{make_conversation(site.store).id}/reply"
    words = {"text": "We look.", "shown": 1}
    first, second = program(site, ada), program(site, bo)
    assert first.post(reply, json=words, headers={"Idempotency-Key": "a"}).status_code == 202
    stopped = second.post(reply, json=words, headers={"Idempotency-Key": "b"})
    assert (stopped.status_code, code(stopped)) == (409, "answered")
    assert "Ada Voss answered meanwhile" in stopped.json()["detail"]
    insists = words | {"insist": True}
    assert second.post(reply, json=insists, headers={"Idempotency-Key": "c"}).status_code == 202


def test_names_are_completed_by_keys_and_by_a_tap_but_not_by_scrolling_among_them(
    browser: Browser, site: Site, ada: User, bo: User, cy: User
) -> None:
    id_ = make_conversation(site.store).id
    with browser.new_context(base_url=site.url, has_touch=True) as context:
        sign_in(context, site, ada)
        page = context.new_page()
        page.goto(f"/conversations/{id_}")
        words, names = page.locator("#composer-text"), page.locator("#note-names li:visible")
        words.press_sequentially("Dear @b")
        expect(names).to_have_count(0)
        page.locator(".mode-note").click()
        words.fill("")
        words.press_sequentially("look @NARIN")
        expect(names).to_have_text("@bo Bo Narin")
        words.press("Enter")
        expect(words).to_have_value("look @bo ")
        words.press_sequentially("and @")
        names.first.dispatch_event("pointerdown")
        expect(words).to_have_value("look @bo and @")
        names.first.tap()
        expect(words).to_have_value("look @bo and @bo ")
        expect(words).to_be_focused()
        expect(names).to_have_count(0)
