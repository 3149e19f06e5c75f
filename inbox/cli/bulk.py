"""The same to many conversations on the command line: the jobs of the page."""

import json
import uuid
from typing import Annotated, Any

import typer
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from inbox.cli.common import AsJson, Stop, agent_id, as_json, opened, out, progress, table
from inbox.config import utc_now
from inbox.domain import actions as rules
from inbox.domain.actions import Actions, BadActions
from inbox.domain.ids import BIGGEST_ID
from inbox.domain.search import BadSearch
from inbox.flows import bulk as flow
from inbox.flows.acting import WRITERS
from inbox.flows.answers import By
from inbox.flows.finding import find
from inbox.store import acting as stored
from inbox.store.session import Store
from inbox.store.tables import User

Agent = Annotated[str, typer.Option(help="Who does it: an agent's e-mail address.")]
Job = Annotated[int, typer.Argument(help="The number that `bulk` told.", min=1, max=BIGGEST_ID)]
NAMED = 20
"""So many that were refused are named."""


def bulk(
    query: Annotated[str, typer.Argument(help="Which: words and filters (docs/search.md).")],
    agent: Agent,
    actions: Annotated[
        str, typer.Option(help='JSON such as {"category": "refund", "move": "resolve"}.')
    ] = "",
    macro: Annotated[
        int | None, typer.Option(help="Or a macro's number.", min=1, max=BIGGEST_ID)
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Only tell how many it would be.")] = False,
    json_: AsJson = False,
) -> None:
    """Do the same to every conversation that a search finds, up to 1,000, each by itself."""
    if not query.strip():
        raise Stop("Say which conversations: words, or filters such as category:spam.")
    with opened() as (_, store):
        with store.read() as session:
            by = _by(session, agent)
            wanted, name = _wanted(session, actions, macro)
            try:
                page = find(session, query, now=utc_now(), me=by.id, limit=flow.MOST)
                wanted = rules.checked(wanted)
            except (BadSearch, BadActions) as e:
                raise Stop(str(e)) from e
        ids = [one.conversation_id for one in page.found]
        more = page.next_cursor is not None
        if dry_run or not ids:
            _would(len(ids), more, json_)
            return
        job = flow.begin(
            store, ids, wanted, name=name, by=by, key=f"cli:{uuid.uuid4().hex}", now=utc_now()
        )
        _work(store, job, len(ids))
        _tell(store, job, json_, more)


def bulk_undo(job: Job, agent: Agent, json_: AsJson = False) -> None:
    """Take a whole job back, as far as that goes; what it has not done yet is not done."""
    with opened() as (_, store):
        with store.read() as session:
            by = _by(session, agent)
        try:
            flow.undo(store, job, by=by, now=utc_now())
        except NoResultFound as e:
            raise Stop(f"There is no job {job}.") from e
        with store.read() as session:
            done = stored.counts(session, job).get(stored.DONE, 0)
        _work(store, job, done)
        _tell(store, job, json_)


def bulk_job(job: Job, json_: AsJson = False) -> None:
    """How far a job is, and what was refused; one that was cut short goes on."""
    with opened() as (_, store):
        with store.read() as session:
            if stored.job(session, job) is None:
                raise Stop(f"There is no job {job}.")
            waiting = stored.counts(session, job).get(stored.WAITING, 0)
        _work(store, job, waiting)
        _tell(store, job, json_)


def _by(session: Session, address: str) -> By:
    person = session.get_one(User, agent_id(session, address))
    if person.role not in WRITERS:
        raise Stop(f"{address} may read, not change.")
    return By.of(person)


def _wanted(session: Session, actions: str, macro: int | None) -> tuple[Actions, str]:
    """What is to be done, and its name."""
    if bool(actions) == (macro is not None):
        raise Stop("Say what to do: --actions or --macro.")
    if macro is not None:
        row = stored.macro(session, macro)
        if row is None or row.removed_at is not None:
            raise Stop(f"There is no macro {macro}. See: replydesk macros list")
        return rules.read(row.actions), row.name
    try:
        said: Any = json.loads(actions)
        if not isinstance(said, dict):
            raise Stop('The actions are an object, such as {"assign": "me"}.')
        return rules.read(said), ""
    except BadActions as e:
        raise Stop(str(e)) from e
    except ValueError as e:
        raise Stop(f"The actions are no JSON: {e}.") from e


def _work(store: Store, job: int, total: int) -> None:
    with progress() as bar:
        task = bar.add_task("conversations", total=total)
        flow.work_on(store, job, utc_now, lambda: bar.advance(task))


def _would(n: int, more: bool, json_: bool) -> None:
    if json_:
        as_json({"job": None, "found": n, "more": more})
    else:
        out.print(f"{n} found{', and more' if more else ''}; nothing was done.", highlight=False)


def _tell(store: Store, job: int, json_: bool, more: bool = False) -> None:
    with store.read() as session:
        row = stored.job(session, job)
        assert row is not None
        counts = stored.counts(session, job)
        runs = [run for run, *_ in stored.items(session, job, flow.MOST)]
    told = {
        "job": job,
        "total": row.total,
        "finished": row.finished_at is not None,
        "counts": counts,
        "more": more,
        "runs": [
            {"conversation": run.conversation_id, "state": run.state, "why": run.why}
            for run in runs
        ],
    }
    if json_:
        as_json(told)
        return
    said = ", ".join(f"{n} {state}" for state, n in sorted(counts.items()))
    undo = "" if row.undo_at else f" Undo: replydesk conversations bulk-undo {job}"
    out.print(f"Job {job}: {said}.{undo}", highlight=False, markup=False, soft_wrap=True)
    if more:
        out.print(f"The search finds more than the {flow.MOST:,} that one job takes.")
    refused = [run for run in runs if run.state == stored.REFUSED][:NAMED]
    if refused:
        made = table("Refused", "conversation", "why")
        for run in refused:
            made.add_row(str(run.conversation_id), run.why or "")
        out.print(made, markup=False)
