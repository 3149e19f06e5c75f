"""A believable Messenger: the private messages of one Page.

By hand: `python -m tests.fakes.messenger --port 8099`, then POST {"text", "author"} to /_fake/dm.
"""

from tests.fakes.graph import parse_fields, pick, run
from tests.fakes.graph_chats import FakeChats
from tests.fakes.http import Answer, Request


class FakeMessenger(FakeChats):
    CHANNEL = "messenger"

    def edge(self, request: Request, path: str) -> Answer:
        if request.method == "GET" and path == "me":
            me = {"id": self.ME, "name": self.NAME, "username": "brand", "category": "Bank"}
            return Answer(200, pick(me, parse_fields(request.query["fields"])))
        return super().edge(request, path)


if __name__ == "__main__":
    run(FakeMessenger, "messenger", "dm")
