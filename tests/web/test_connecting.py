"""Every channel from its form to an answer that arrived, all of it through the real pages."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select

from inbox.store.session import Store
from inbox.store.tables import Conversation, Message, Reply, TurnRow
from templates.words import STREAMS
from tests.connectors.harness import capabilities, inbound
from tests.fakes.x import FakeX
from tests.web.connecting import HOOK, ON_BOTH, Desk, asks_there, desk_of, said
from tests.web.test_conversations import form

UNSEEN = {"telegram": {"block", "unblock"}}  # of groups, where nobody writes here
ACT = re.compile(r'action="(/messages/\d+/\w+)"')


@pytest.mark.parametrize(("channel", "store_url"), ON_BOTH, indirect=["store_url"])
def test_a_channel_is_connected_read_and_answered(
    channel: str, store: Store, tmp_path: Path
) -> None:
    with desk_of(channel, store, tmp_path / "data") as desk:
        walk(desk)
        if store.writer.dialect.name == "sqlite":  # the platform is the same for both
            press_every_act(desk)


def walk(desk: Desk) -> None:
    """From the form to an answer in every stream and, where the platform calls, to a call."""
    connect(desk)
    for stream in inbound(desk.channel, desk.harness):
        text = f"@brand where is my payment, {stream}?"
        desk.harness.write(stream, text)
        assert desk.poll().error is None
        answer(desk, text)
    if capabilities(desk.channel).receives:
        text = "Told by a call?"
        assert desk.call(desk.harness.request(text)).status_code < 300
        answer(desk, text)


def test_x_is_connected_by_its_keys_too(sqlite_store: Store, tmp_path: Path) -> None:
    """A way of signing in that has nothing to renew, on a channel that renews."""
    with desk_of("x", sqlite_store, tmp_path / "data") as desk, FakeX() as x:
        desk.harness.account = x.account()
        connect(desk)


def connect(desk: Desk) -> None:
    """Fills in the form, tests it, connects, and looks at the account's page."""
    offered = capabilities(desk.channel)
    assert f'href="/accounts/new/{desk.channel}"' in desk.browser.get("/accounts/new").text
    path = f"/accounts/new/{desk.channel}"
    fields = {name: value for name, value in desk.fill().items() if value or name != "base_url"}
    page = desk.browser.get(path, params={"sign_in": fields["sign_in"]}).text
    assert [name for name in fields if f'name="{name}"' not in page] == []
    if not asks_there(desk.channel, desk.harness):
        tried = desk.browser.post(path, data=fields | {"do": "test"})
        assert tried.status_code == 200, said(tried)
        assert "tried-well" in tried.text
        assert desk.count(Conversation) == 0
    done = desk.connect()
    assert done.status_code == 200, said(done)
    assert "tried-connected" in done.text
    shown = desk.browser.get("/accounts/1")
    assert shown.status_code == 200
    assert 'id="health"' in shown.text
    settings = desk.account().settings
    for stream in offered.listed(settings):
        assert f'<th scope="row">{STREAMS.get(stream, stream)}</th>' in shown.text
    called = HOOK.search(shown.text)
    assert bool(called) == offered.is_called(settings)
    assert called is None or called[1] == f"/hooks/{desk.channel}/{desk.account().hook_key}"


def answer(desk: Desk, text: str) -> None:
    """The customer's words are in the list and on a page; the answer there arrives, once."""
    row = conversation_of(desk, text)
    path = f"/conversations/{row.id}"
    assert path in desk.browser.get("/", params={"view": "all"}).text
    words = f"Hello, it has arrived. ({text.rpartition(' ')[2].rstrip('?')})"
    assert text.partition(",")[0] in write_answer(desk, row, words)
    assert desk.deliver() == 1
    assert [r.reason for r in replies(desk, row) if r.state != "sent"] == []
    assert desk.harness.delivered().count(words) == 1
    assert turns(desk, row)[-1].end == "answered"
    assert words in desk.browser.get(path).text


def press_every_act(desk: Desk) -> None:
    """What the menus of the messages offer is done by the platform; afterwards, its undo is offered
    where there is one."""
    with desk.store.read() as session:
        places = list(session.scalars(select(Conversation.id)))
    pressed: set[str] = set()
    for id_ in places:
        page = desk.browser.get(f"/conversations/{id_}").text
        while wanted := sorted(set(ACT.findall(page)) - pressed, key=last):
            pressed.add(wanted[0])
            done = desk.browser.post(wanted[0], follow_redirects=True)
            page = done.text
            assert done.status_code < 400 or "this account began" in page, said(done)
    offers = {
        offer.act.value for offer in capabilities(desk.channel).of(desk.account().settings).offers
    }
    assert {path.rpartition("/")[2] for path in pressed} == offers - UNSEEN.get(desk.channel, set())


def last(path: str) -> bool:
    """What ends the message comes after all else."""
    return path.endswith("/delete")


def write_answer(desk: Desk, row: Conversation, words: str) -> str:
    """Writes an answer on the conversation's page; returns the page as it was."""
    path = f"/conversations/{row.id}"
    page = desk.browser.get(path)
    assert page.status_code == 200
    fields = form(page.text) | {"mode": open_mode(page.text), "text": words}
    sent = desk.browser.post(f"{path}/reply", data=fields)
    assert sent.status_code == 303, said(sent)
    return page.text


def open_mode(page: str) -> str:
    """The kind of answer that the composer offers first: public stays public where it may."""
    modes = re.findall(r'name="mode" value="(\w+)"( checked)?( disabled)?', page)
    return str(next(mode for mode, _, shut in modes if not shut))


def conversation_of(desk: Desk, text: str) -> Conversation:
    with desk.store.read() as session:
        found = select(Conversation).join(Message, Message.conversation_id == Conversation.id)
        return session.scalars(found.where(Message.text == text)).one()


def replies(desk: Desk, row: Conversation) -> list[Reply]:
    with desk.store.read() as session:
        return list(session.scalars(select(Reply).where(Reply.conversation_id == row.id)))


def turns(desk: Desk, row: Conversation) -> list[TurnRow]:
    """The turns of a conversation as they stand now."""
    found = select(TurnRow).where(
        TurnRow.conversation_id == row.id, TurnRow.superseded_at.is_(None)
    )
    with desk.store.read() as session:
        return list(session.scalars(found.order_by(TurnRow.seq)))
