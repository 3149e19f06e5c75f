"""Searching on the list's page."""

import re

from sqlalchemy import select

from inbox.store import search
from inbox.store.tables import Message, User
from tests.factories import make_account, make_conversation
from tests.web.serving import Site
from tests.web.test_inbox import rows


def indexed(site: Site) -> None:
    """Makes what the factories wrote found."""
    with site.store.write() as session:
        for message_id in session.scalars(select(Message.id)).all():
            search.update_message(session, message_id)


def test_a_search_shows_what_it_found_newest_first_and_marks_it(site: Site, ada: User) -> None:
    account = make_account(site.store)
    first = make_conversation(site.store, account, text="你好<b>，我要退款").id
    make_conversation(site.store, account, text="hello")
    last = make_conversation(site.store, account, text="什么时候退款").id
    indexed(site)
    browser = site.signed_in(ada)
    page = browser.get("/", params={"q": "退款"}).text
    assert rows(page) == [last, first]
    assert "你好&lt;b&gt;，我要<mark>退款</mark>" in page
    assert 'value="退款"' in page
    assert 'aria-current="true"' not in page  # no view's tab
    assert re.search(r'hx-get="/conversations/\d+\?view=find[^"]+&amp;at=(\d+)#m\1"', page)
    opened = browser.get(f"/conversations/{first}", params={"view": "find:退款"}).text
    assert rows(opened) == [last, first]
    assert 'href="/?view=find%3A%E9%80%80%E6%AC%BE"' in opened


def test_pages_of_a_search_hold_each_conversation_once(site: Site, ada: User) -> None:
    account = make_account(site.store)
    ids = [make_conversation(site.store, account, text=f"refund {n}").id for n in range(53)]
    indexed(site)
    browser = site.signed_in(ada)
    first = browser.get("/?q=refund").text
    more = re.search(r'class="rows-more"><a class="btn" href="([^"]+)"', first)
    assert more is not None
    second = browser.get(more[1].replace("&amp;", "&")).text
    assert rows(first) + rows(second) == ids[::-1]
    assert rows(browser.get("/?q=refund&after=nonsense").text) == rows(first)


def test_a_bad_filter_is_said_in_words_and_nothing_found_shows_what_to_try(
    site: Site, ada: User
) -> None:
    make_account(site.store)
    browser = site.signed_in(ada)
    wrong = browser.get("/", params={"q": "chanel:x"})
    assert wrong.status_code == 200
    assert "There is no filter chanel:." in wrong.text
    assert 'aria-invalid="true"' in wrong.text
    none = browser.get("/", params={"q": "nothing"}).text
    assert "Nothing was found." in none
    assert 'href="/?q=is%3Aoverdue"' in none
    browser.post("/me", data={"locale": "zh_Hans_CN"})
    assert "没有 chanel: 这个筛选条件" in browser.get("/", params={"q": "chanel:x"}).text
