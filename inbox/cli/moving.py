"""Messages in and out by hand: poll, deliver, reply, import, export."""

import sys
import uuid
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress
from sqlalchemy.exc import NoResultFound

from inbox.cli.common import (
    AsJson,
    ConversationId,
    Stop,
    agent_id,
    as_json,
    err,
    opened,
    out,
    progress,
)
from inbox.config import utc_now
from inbox.domain.ids import BIGGEST_ID
from inbox.domain.snooze import chosen
from inbox.flows import deliver as sending
from inbox.flows import holding, outcome
from inbox.flows import poll as polling
from inbox.flows.files import MOST, keep_upload
from inbox.flows.importing import ImportCounts, bounded, export_lines, import_lines
from inbox.flows.leaving import Leaving
from inbox.flows.reply import ReplyInvalid, queue_reply
from inbox.flows.resuming import export_file
from inbox.flows.resuming import import_file as importing_file
from inbox.flows.tagging import LazyClassifier
from inbox.store import accounts as stored
from inbox.store import conversations, outbox
from inbox.store.session import Store
from inbox.store.tables import Reply


def poll(
    account: Annotated[str | None, typer.Argument(help="Its name; all when left out.")] = None,
    json_: AsJson = False,
) -> None:
    """Ask the platforms now, whatever the schedule says."""
    with opened() as (settings, store):
        with store.read() as session:
            wanted = [
                a
                for a in stored.everyone(session)
                if a.state == stored.ACTIVE and account in (None, a.handle, str(a.id))
            ]
        if account is not None and not wanted:
            raise Stop(f"No active account is called {account}. See: replydesk accounts list")
        classifier = LazyClassifier(store, settings.folder)
        done = {
            a.handle: polling.poll(store, settings, a.id, classifier=classifier, now=utc_now)
            for a in wanted
        }
    if json_:
        as_json(
            [
                {
                    "account": handle,
                    "new": p.new,
                    "duplicate": p.duplicate,
                    "refused": p.refused,
                    "error": p.error,
                    "busy": p.busy,
                }
                for handle, p in done.items()
            ]
        )
    for handle, p in done.items():
        words = "another worker has it" if p.busy else p.error or f"{p.new} new"
        if not json_:
            out.print(f"{handle}: {words}", highlight=False)
    if any(p.error for p in done.values()):
        raise typer.Exit(1)


def deliver() -> None:
    """Send what waits in the outbox, and look up what is uncertain."""
    with opened() as (settings, store):
        sent = sending.deliver_due(store, settings, utc_now)
        found = sending.look_up_due(store, settings, utc_now)
    out.print(f"{sent} taken, {found} found.")


def reply(
    conversation: ConversationId,
    text: Annotated[str, typer.Argument(help="The answer, or - for standard input.")],
    agent: Annotated[str, typer.Option(help="Who answers: an agent's e-mail address.")],
    file: Annotated[
        list[Path] | None, typer.Option(help="A file to send along; may be repeated.")
    ] = None,
    private: Annotated[bool, typer.Option(help="Answer privately where both ways exist.")] = False,
    split: Annotated[bool, typer.Option(help="Several messages where it is too long.")] = False,
    insist: Annotated[bool, typer.Option(help="Although a colleague has answered.")] = False,
    at: Annotated[str, typer.Option(help="When it leaves, such as 2026-11-30T09:00.")] = "",
    late: Annotated[bool, typer.Option(help="Also after the due time, with --at.")] = False,
    also_to: Annotated[
        list[str] | None, typer.Option(help="Who else of that mail gets it; may be repeated.")
    ] = None,
    json_: AsJson = False,
) -> None:
    """Answer a conversation; the reply waits in the outbox until it is delivered."""
    words = sys.stdin.read() if text == "-" else text
    contents = [(path.name, _bytes(path)) for path in file or ()]
    with opened() as (_, store):
        with store.read() as session:
            row = conversations.one(session, conversation)
            if row is None:
                raise Stop(f"There is no conversation {conversation}.")
            who = agent_id(session, agent)
        try:
            reply_id = queue_reply(
                store,
                conversation_id=conversation,
                agent_id=who,
                actor=agent,
                text=words,
                visibility="private" if private else row.visibility,
                form_key=uuid.uuid4().hex,
                shown=row.last_message_id or 0,
                now=utc_now(),
                split=split,
                seen_reply=None if insist else 0,
                when=_leaving(store, at, late),
                also_to=also_to or (),
                file_ids=[
                    keep_upload(
                        store,
                        conversation_id=conversation,
                        agent_id=who,
                        name=name,
                        claimed=None,
                        data=data,
                        now=utc_now(),
                    )
                    for name, data in contents
                ],
            )
        except ReplyInvalid as e:
            raise Stop(e.reason) from e
    if json_:
        as_json({"outbox": reply_id, "state": "queued"})
    else:
        out.print(f"Queued as {reply_id}.")


def _leaving(store: Store, at: str, late: bool) -> Leaving:
    if not at:
        return Leaving()
    with store.read() as session:
        send_at = chosen(at, stored.brand_zone(session))
    if send_at is None:
        raise Stop(f"“{at}” is no time; write 2026-11-30T09:00.")
    return Leaving(send_at=send_at, late=late)


def withdraw(
    answer: Annotated[int, typer.Argument(help="The answer's number.", min=1, max=BIGGEST_ID)],
    agent: Annotated[str, typer.Option(help="Who does it: an agent's e-mail address.")],
) -> None:
    """Take an answer back that has not left; its words are printed."""
    with opened() as (_, store):
        with store.read() as session:
            who = agent_id(session, agent)
        try:
            back = holding.take_back(
                store, outbox_id=answer, agent_id=who, actor=agent, now=utc_now()
            )
        except NoResultFound as e:
            raise Stop(f"There is no answer {answer}.") from e
        except holding.TooLate as e:
            raise Stop(str(e)) from e
    out.print(back.text, markup=False, highlight=False)


def settle(
    answer: Annotated[int, typer.Argument(help="The number of the answer in the outbox.")],
    to: Annotated[str, typer.Argument(help="look, arrived, resend, skip or drop.")],
    agent: Annotated[str, typer.Option(help="Who says so: an agent's e-mail address.")],
) -> None:
    """Settle an answer that did not simply arrive: look for it, say that it arrived, send it again,
    send the rest of the answer without it, or drop it with the rest."""
    if to not in outcome.VERBS:
        raise Stop(f"“{to}” is none of {', '.join(outcome.VERBS)}.")
    with opened() as (settings, store):
        with store.read() as session:
            agent_id(session, agent)
            if outbox.with_agent(session, answer) is None:
                raise Stop(f"There is no answer {answer} in the outbox.")
        done = outcome.settle_as(store, settings, to, outbox_id=answer, actor=agent, now=utc_now)
        with store.read() as session:
            state = session.get_one(Reply, answer).state
    if not done and to != "look":
        raise Stop(f"That is not possible: the answer is {state}.")
    out.print(f"Answer {answer}: {state}.")


def _bytes(path: Path) -> bytes:
    """A file's content. Raises `Stop` when it cannot be read or no platform would take it."""
    try:
        with path.open("rb") as opened_file:
            data = opened_file.read(MOST + 1)
    except OSError as e:
        raise Stop(f"{path} cannot be read: {e.strerror}.") from e
    if len(data) > MOST:
        raise Stop(f"{path} is larger than {MOST // 2**20} MB.")
    return data


def import_file(
    file: Annotated[Path, typer.Argument(help="JSON lines in the neutral form; - for stdin.")],
    json_: AsJson = False,
) -> None:
    """Take messages of the neutral form (docs/import.md); importing twice changes nothing, and a
    run that was cut short goes on where it ended."""

    def refuse(number: int, reason: str) -> None:
        err.print(f"line {number}: {reason}", highlight=False, markup=False, soft_wrap=True)

    with opened() as (settings, store), progress() as bar:
        classifier = LazyClassifier(store, settings.folder)
        how: dict[str, Any] = {"classifier": classifier, "now": utc_now, "refuse": refuse}
        if str(file) == "-":
            counts = import_lines(store, bounded(sys.stdin.buffer), **how)
        else:
            counts = _import(store, file, settings.folder, bar, how)
    if json_:
        names = ("read", "new", "duplicate", "refused")
        as_json({name: getattr(counts, name) for name in names})
    else:
        out.print(
            f"{counts.read} read: {counts.new} new, {counts.duplicate} known, "
            f"{counts.refused} refused."
        )
    if counts.refused:
        raise typer.Exit(1)


def export(
    to: Annotated[
        Path | None,
        typer.Option(
            help="A file; if this is cut short, the same again goes on. Else standard output."
        ),
    ] = None,
) -> None:
    """Write every message in the neutral form."""
    with opened() as (_, store), progress() as bar:
        if to is None:
            for line in export_lines(store):
                sys.stdout.write(line + "\n")
            return
        task = bar.add_task("messages")
        try:
            lines = export_file(
                store, to, progress=lambda n, of: bar.update(task, completed=n, total=of)
            )
        except OSError as e:
            raise Stop(f"{to} cannot be written: {e.strerror}.") from e
    out.print(f"{lines} messages written to {to}.", highlight=False)


def _import(
    store: Store, file: Path, folder: Path, bar: Progress, how: dict[str, Any]
) -> ImportCounts:
    try:
        task = bar.add_task("reading", total=file.stat().st_size)
        return importing_file(
            store,
            file,
            folder,
            progress=lambda counts, at: bar.update(
                task, completed=at, description=f"{counts.read} read, {counts.new} new"
            ),
            **how,
        )
    except OSError as e:
        raise Stop(f"{file} cannot be read: {e.strerror}.") from e
