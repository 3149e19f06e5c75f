"""Who else got a mail is shown, and gets an answer only where somebody says so."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import httpx2
import pytest

from inbox.flows.accounts import NewAccount, add_account
from inbox.flows.deliver import deliver_due
from inbox.flows.poll import poll
from inbox.store.tables import User
from tests.fakes.mail import ANN, BRAND, PostOffice
from tests.web.serving import Site
from tests.web.test_conversations import form, replies

CC = f"Pat Doe <pat@mail.example>, {BRAND}, lee@shop.example, <support+t1@brand.example>"
PATH = "/conversations/1"


@pytest.fixture
def post() -> Iterator[PostOffice]:
    with PostOffice() as running:
        yield running


@pytest.fixture
def ada_reads(site: Site, ada: User, post: PostOffice) -> httpx2.Client:
    """Ann's mail has come, with two others in copy."""
    account = post.account()
    new = NewAccount("email", BRAND, post.imap.url, dict(account.settings), dict(account.secrets))
    settings = site.app.state.desk.settings
    site.clock.forward(hours=1)
    added = add_account(site.store, settings, new, actor="ada", now=site.clock)
    post.write("Where is it?", at=site.clock() - timedelta(minutes=5), Cc=CC)
    poll(site.store, settings, added.id, classifier=None, now=site.clock)
    return site.signed_in(ada)


def send(browser: httpx2.Client, mode: str, **more: str) -> httpx2.Response:
    page = browser.get(PATH).text
    also_to = re.search(r'name="also_to" value="([^"]*)"', page)
    fields = form(page) | {"text": "On its way.", "mode": mode}
    fields |= {"also_to": also_to[1]} if also_to else {}
    return browser.post(f"{PATH}/reply", data=fields | more)


def leave(site: Site) -> None:
    site.clock.forward(seconds=11)
    deliver_due(site.store, site.app.state.desk.settings, site.clock)


def mails(post: PostOffice, user: str) -> list[EmailMessage]:
    found = [message_from_bytes(raw, policy=policy.default) for raw in post.mailbox(user)]
    return [mail for mail in found if isinstance(mail, EmailMessage)]


def test_the_answer_goes_to_the_sender_alone_unless_all_is_chosen(
    site: Site, post: PostOffice, ada_reads: httpx2.Client
) -> None:
    page = ada_reads.get(PATH).text
    shown = "<bdi>Pat Doe &lt;pat@mail.example&gt;</bdi>, <bdi>lee@shop.example</bdi>"
    assert f"<span>Also to: {shown}</span>" in page
    assert re.search(r'value="private" checked', page)
    assert "Reply to all" in page
    assert send(ada_reads, "private").status_code == 303
    leave(site)
    (mail,) = mails(post, ANN)
    assert (mail["To"], mail["Cc"]) == (f"Ann <{ANN}>", None)
    assert post.mailbox("pat@mail.example") == []


def test_an_answer_to_all_reaches_everybody_and_says_so(
    site: Site, post: PostOffice, ada_reads: httpx2.Client
) -> None:
    assert send(ada_reads, "all").status_code == 303
    leave(site)
    for user in (ANN, "pat@mail.example", "lee@shop.example"):
        (mail,) = mails(post, user)
        assert mail["To"] == f"Ann <{ANN}>"
        assert mail["Cc"] == "Pat Doe <pat@mail.example>, lee@shop.example"
    (reply,) = replies(site.store)
    assert (reply.state, reply.visibility) == ("sent", "private")
    assert ada_reads.get(PATH).text.count("Also to:") == 2


def test_nobody_gets_a_copy_who_did_not_get_the_mail(
    site: Site, post: PostOffice, ada_reads: httpx2.Client
) -> None:
    refused = send(ada_reads, "all", also_to="pat@mail.example eve@else.example")
    assert refused.status_code == 422
    assert "eve@else.example did not get this mail." in refused.text
    assert ">On its way.</textarea>" in refused.text
    assert replies(site.store) == []


def test_one_address_that_is_refused_stops_the_mail_for_all(
    site: Site, post: PostOffice, ada_reads: httpx2.Client
) -> None:
    send(ada_reads, "all")
    post.smtp.refused.add("lee@shop.example")
    leave(site)
    (reply,) = replies(site.store)
    assert reply.state == "refused"
    assert "lee@shop.example" in (reply.reason or "")
    assert post.smtp.accepted == []


def test_words_taken_back_stand_in_the_form_for_all_again(
    site: Site, ada_reads: httpx2.Client
) -> None:
    send(ada_reads, "all")
    (reply,) = replies(site.store)
    assert 'value="all" checked' in ada_reads.post(f"/outbox/{reply.id}/undo").text
