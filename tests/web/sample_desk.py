"""A small inbox of invented people behind the page server; a test changes its rows and messages."""

from dataclasses import replace
from datetime import timedelta

from inbox.web import render
from inbox.web.pages import Frame, waiting_line
from inbox.web.pages_list import ListPage, Row, groups
from inbox.web.pages_thread import Delivery, Message, ThreadPage, ledger
from inbox.web.style_people import (
    NOW,
    ZONE,
    due_in,
    sample_door,
    sample_frame,
    sample_list,
    sample_rows,
    sample_sign_in,
)
from inbox.web.style_thread import (
    SAMPLE_STANDING,
    sample_composer,
    sample_messages,
    sample_thread,
    sample_turns,
)
from tests.web.pages_server import Answer, Asked, PageServer

OPEN = "/conversations/13"


class SampleDesk:
    """Serves the list, one conversation and its answer form as the product's routes do."""

    def __init__(self, server: PageServer) -> None:
        self.server = server
        self.rows: list[Row] = list(sample_rows())
        self.messages: list[Message] = list(sample_messages()[:4])
        self.refuses = self.signed_out = False
        self.waits = True
        self.view = "due"
        server.pages = {
            "/": lambda _: self._page(self._list(None)),
            "/sign-in": lambda _: Answer(render.page(sample_sign_in(sample_door()))),
            OPEN: lambda asked: self._thread(asked),
            f"{OPEN}/reply": self._reply,
        }

    def arrives(self, name: str, number: int = 99) -> None:
        """A new conversation, last in the list, and the event that tells of it."""
        row = replace(sample_rows()[3], id=number, who=name, clock=due_in(24 * 60), unread=1)
        self.rows = [*self.rows[:-1], row, self.rows[-1]]
        self.server.tell("conversation", {"conversation": number}, number)

    def writes_again(self, text: str, number: int = 105) -> None:
        """A newer message in the open conversation."""
        at = NOW - timedelta(seconds=30)
        self.messages.append(Message(number, at, "in", "林月 Lin Yue", text, "public"))
        self.waits = True
        self.server.tell("conversation", {"conversation": 13}, number)

    @property
    def answers(self) -> list[Asked]:
        return self.server.of(f"{OPEN}/reply")

    def _frame(self) -> Frame:
        unread = sum(row.unread > 0 for row in self.rows)
        return replace(sample_frame(), event=7, unread=unread)

    def _list(self, selected: int | None) -> ListPage:
        rows = [replace(row, selected=row.id == selected) for row in self.rows]
        listed = sample_list(self._frame())
        views = tuple(replace(one, active=one.key == self.view) for one in listed.views)
        return replace(listed, groups=groups(rows, NOW, ZONE), views=views)

    def _open(self, text: str = "", error: str = "") -> ThreadPage:
        shown = max(message.id for message in self.messages)
        composer = replace(sample_composer(error, text), shown=shown)
        page = replace(
            sample_thread(self._frame(), composer),
            list=self._list(13),
            days=ledger(self.messages, sample_turns(), NOW, ZONE),
        )
        if self.waits:
            return page
        return replace(page, clock=waiting_line(NOW), standing=SAMPLE_STANDING)

    def _page(self, page: ListPage | ThreadPage) -> Answer:
        if self.signed_out:
            return Answer(location="/sign-in")
        return Answer(render.page(page))

    def _thread(self, asked: Asked, text: str = "", error: str = "") -> Answer:
        page = self._open(text, error)
        return Answer(render.part(page)) if asked.wants_part else self._page(page)

    def _reply(self, asked: Asked) -> Answer:
        words = asked.form["text"]
        if self.refuses:
            return replace(self._thread(asked, words, "secret"), status=422)
        sent = Delivery(9, "queued")
        self.messages.append(Message(0, NOW, "out", "Ada Voss", words, delivery=sent))
        return Answer(location=OPEN)
