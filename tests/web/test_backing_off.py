"""A page whose questions get no answer asks ever more rarely, and at once when the line is back."""

from playwright.sync_api import Browser

from tests.web.pages_server import Answer, page_server
from tests.web.sample_desk import OPEN, SampleDesk


def test_questions_without_an_answer_come_ever_more_rarely(browser: Browser) -> None:
    with page_server() as server, browser.new_context(base_url=server.base) as context:
        SampleDesk(server)
        server.pages["/watching"] = lambda _: Answer(status=503)
        page = context.new_page()
        page.clock.install()
        page.goto(OPEN)
        while not server.streams:
            page.wait_for_timeout(20)
        for _ in range(30):
            page.clock.run_for(1000)
            page.wait_for_timeout(15)
        assert 3 <= len(server.of("/watching")) <= 6  # after 0, 2, 6, 14 and 30 seconds
        asked = len(server.of("/watching"))
        page.evaluate("document.dispatchEvent(new CustomEvent('watching'))")
        page.clock.run_for(1100)
        page.wait_for_timeout(50)
        assert len(server.of("/watching")) == asked + 1
