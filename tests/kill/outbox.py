"""Law 2 under SIGKILL: senders and pollers die around a fake X that shows own messages late."""

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from inbox.domain.outbox import STALE_AFTER
from inbox.flows.deliver import deliver_due, give_up_on_the_dead, look_up_due
from inbox.flows.holding import TooLate, take_back
from inbox.flows.leaving import Leaving
from inbox.flows.reply import queue_reply
from inbox.store.tables import Message, Reply, User
from tests.kill.ingest import Desk, Tally
from tests.kill.victims import Step, die_at, ended, fork, killed_after

READ_LAG_S = 30
HOLD_S = 10
STEPS = (
    Step("before", "outbox", 1),  # nothing claimed yet
    Step("after", "outbox", 1),
    Step("before", "commit", 1),
    Step("after", "commit", 1),  # claimed, before the request
    Step("before", "outbox", 2),  # after the request, before its answer is stored
    Step("after", "outbox", 2),
    Step("before", "messages", 1),
    Step("after", "messages", 1),
    Step("before", "commit", 2),
    Step("after", "commit", 2),
)


class Outbox:
    """Replies of one agent on a desk, sent by victims."""

    def __init__(self, desk: Desk, rng: random.Random) -> None:
        self.desk, self.rng, self.fake = desk, rng, desk.fake
        self.replies: list[int] = []
        self.held: set[int] = set()
        with desk.store.write() as session:
            ada = User(
                email="ada@lumen.example", name="Ada", role="agent", created_at=desk.fake.now()
            )
            session.add(ada)
            session.flush()
            self.agent_id = ada.id
        for person in ("ann", "ben", "cho"):
            self.fake.dm("hello", person)
        for person in ("dot", "eve"):
            self.fake.mention("@brand hello", person)
        desk.poll_to_the_end()
        self._queue()
        self.send()  # warms what a victim inherits
        self.desk.store.close()

    def send(self) -> None:
        """What the scheduler does for the outbox at each tick."""
        store, settings, now = self.desk.store, self.desk.settings, self.fake.now
        give_up_on_the_dead(store, now())
        look_up_due(store, settings, now)
        deliver_due(store, settings, now)

    def kill_senders(self, kills: int, progress: Callable[[Tally], None] = lambda _: None) -> Tally:
        """One reply after another, its sender killed, often with a poller beside it. Half of them
        can be taken back for a while; some are, when they are about to leave."""
        tally = Tally()
        while tally.kills.total() < kills:
            held = self.rng.random() < 0.5
            reply = self._queue(HOLD_S if held else 0)
            self.desk.store.close()
            undone = held and self.rng.random() < 0.4
            if undone:
                self.fake.advance(HOLD_S)
            if self.rng.random() < 0.15:
                self.fake.fault("/2/dm_conversations/*/messages", "lost")
                self.fake.fault("/2/tweets", "lost")
            named = self.rng.choice(STEPS) if self.rng.random() < 0.6 else None
            sender = fork(partial(self._doomed, named))
            poller = fork(self.desk.poll) if self.rng.random() < 0.5 else None
            undoer = fork(partial(self._undo, reply)) if undone else None
            name = str(named) if named else "at random"
            if named is None:
                with killed_after(sender, self.rng.uniform(0, 0.15)) as died:
                    pass
            else:
                died = ended(sender)
            for other in filter(None, (poller, undoer)):
                ended(other)
            tally.kills[name] += died
            tally.survivors += not died
            self.fake.advance(self.rng.choice((1, 10, READ_LAG_S + 1, 200, 200)))
            progress(tally)
        return tally

    def settle(self) -> None:
        """Everything that the program does by itself, until there is nothing left to do."""
        for _ in range(12):
            self.fake.advance(STALE_AFTER.total_seconds() + 1000)
            self.send()
            self.desk.poll()
        self.desk.store.close()

    def check(self) -> Counter[str]:
        """0 double on the platform, 0 too early, 0 that was taken back; what is not proven is
        `unknown`; each reply is one message."""
        with self.desk.store.read() as session:
            replies = list(session.scalars(select(Reply)))
            own = list(session.scalars(select(Message).where(Message.role == "ours")))
        sent = Counter(self.fake.sent)
        assert max(sent.values()) == 1, [text for text, n in sent.items() if n > 1]
        states = Counter(reply.state for reply in replies)
        assert set(states) <= {"sent", "unknown", "withdrawn"}, states
        for reply in replies:
            here = [m for m in own if m.outbox_id == reply.id]
            assert (reply.state == "sent") == (sent[reply.text] == 1), reply.text
            assert len(here) == sent[reply.text], reply.text
            assert all((m.agent_id, m.text) == (self.agent_id, reply.text) for m in here)
            leaves = reply.created_at + timedelta(seconds=HOLD_S if reply.id in self.held else 0)
            assert all(message.sent_at >= leaves for message in here), reply.text
        assert all(message.outbox_id for message in own), (
            "a copy was taken for an answer from outside"
        )
        return states

    def _doomed(self, step: Step | None) -> None:
        if step is not None:
            store, settings, now = self.desk.store, self.desk.settings, self.fake.now
            give_up_on_the_dead(store, now())
            look_up_due(store, settings, now)
            die_at(store, step)
            deliver_due(store, settings, now)
        else:
            self.send()

    def _undo(self, reply: int) -> None:
        """Its author changes their mind as it is about to leave; either they or a sender win."""
        now = self.fake.now()
        with suppress(TooLate):
            take_back(self.desk.store, outbox_id=reply, agent_id=self.agent_id, actor="", now=now)

    def _queue(self, hold_s: int = 0) -> int:
        number = len(self.replies)
        with self.desk.store.read() as session:
            asked = session.scalars(
                select(Message).where(Message.role == "customer").order_by(Message.id)
            ).all()
        question = asked[number % len(asked)]
        reply_id = queue_reply(
            self.desk.store,
            conversation_id=question.conversation_id or 0,
            agent_id=self.agent_id,
            actor="ada@lumen.example",
            text=f"answer number {number} to you",
            visibility=question.visibility,
            form_key=f"form-{number}",
            shown=asked[-1].id,
            now=self.fake.now(),
            when=Leaving(hold_s=hold_s),
        )
        self.replies.append(reply_id)
        self.held |= {reply_id} if hold_s else set()
        return reply_id
