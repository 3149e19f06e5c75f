"""The classifier's versions on the command line: what there is, which serves, and training."""

import sys
import threading
from typing import Annotated, Any

import typer

from classifier.card import card
from classifier.gate import Gate
from inbox.cli.common import AsJson, Stop, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.flows import learning, models, telling
from inbox.flows.models import Version
from inbox.flows.training import Trainer
from inbox.store import learning as stored
from inbox.store.session import Store
from inbox.store.tables import Training

app = typer.Typer(
    help="The classifier's versions, and learning from corrections.", no_args_is_help=True
)


@app.command()
def versions(json_: AsJson = False) -> None:
    """Every version with its figures, its gate, and whether it serves."""
    with opened() as (settings, store):
        found = models.everything(store, settings.folder)
        with store.read() as session:
            news = learning.news(session)
    if json_:
        as_json({"versions": [telling.version(one) for one in found], "new_corrections": news})
        return
    made = table(
        "Versions", "version", "state", "made", "corrections", "category", "urgency", "ece"
    )
    for one in found:
        state = "serving" if one.serves else one.state
        missing = "" if one.whole or one.state == stored.REFUSED else ", files missing or broken"
        made.add_row(one.version, state + missing, when(one.made_at), *_figures(one))
    out.print(made, markup=False)
    for one in found:
        if one.gate:
            verdict = "passed" if one.gate["passed"] else "refused"
            out.print(
                f"{one.version} {verdict}: {one.gate['reason']}", highlight=False, markup=False
            )
    out.print(f"{news} new corrections since the last training.", highlight=False)


@app.command()
def use(version: Annotated[str, typer.Argument(help="Its name, or `shipped`.")]) -> None:
    """Make a version serve, in every process at once."""
    with opened() as (settings, store):
        try:
            models.use(store, settings.folder, version, actor="cli", now=utc_now())
        except models.NotUsable as e:
            raise Stop(f"{e} See: replydesk classifier versions") from e
    out.print(f"{version} serves.", highlight=False, markup=False)


@app.command()
def train(json_: AsJson = False) -> None:
    """Train from the corpus and the team's corrections; it serves if the gate lets it pass."""
    with opened() as (settings, store):
        try:
            number = learning.ask(store, actor="cli", now=utc_now())
        except learning.NothingToLearn as e:
            raise Stop(str(e)) from e
        done = _follow(store, Trainer(store, settings.folder), number, quiet=json_)
        found = {one.version: one for one in models.everything(store, settings.folder)}
    made, before = found.get(done.version or ""), found.get(done.against or models.SHIPPED)
    compared = before.scores if before else {}
    if json_:
        names = ("state", "version", "corrections", "reason", "against")
        measured = {"gate": made.gate, "scores": made.scores, "before": compared} if made else {}
        as_json({name: getattr(done, name) for name in names} | measured)
    elif made:
        sys.stdout.write(card(made.scores, compared, Gate.read(made.gate)) + "\n")
        out.print(f"{done.version} {done.state}: {done.reason}", highlight=False, markup=False)
    if done.state == stored.FAILED:
        raise Stop(f"The training failed: {done.reason}")


def _follow(store: Store, trainer: Trainer, number: int, *, quiet: bool) -> Training:
    """Until it has ended, here or in the process that schedules."""
    told: list[Any] = []
    rest = threading.Event()
    try:
        while True:
            trainer.look(utc_now())
            with store.read() as session:
                row = session.get_one(Training, number)
            fresh = [line for line in row.said if line not in told]
            told += fresh
            for line in fresh if not quiet else ():
                out.print(line["words"], highlight=False, markup=False)
            if row.state not in stored.UNDER_WAY:
                return row
            if trainer.busy:
                trainer.wait(1.0)
            else:
                rest.wait(0.5)
    finally:
        trainer.stop(utc_now())


def _figures(one: Version) -> tuple[str, ...]:
    category, urgency = one.scores.get("category", {}), one.scores.get("urgency", {})
    ece = category.get("reliability", {}).get("ece")
    shares = (category.get("macro_f1"), urgency.get("macro_f1"), ece)
    return str(one.corrections), *("–" if s is None else f"{s:.3f}" for s in shares)
