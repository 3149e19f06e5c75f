"""The classifier on the command line."""

import gc
import json
import select
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, BinaryIO, cast

import typer

from classifier import evaluate as measuring
from classifier import train as training
from classifier.card import card
from classifier.files import MODEL_FOLDER, read_meta
from classifier.model import TERMS_ALONE, Classifier, has_encoder
from classifier.stream import Source, arriving, classify_chunks
from inbox.cli.common import AsJson, Stop, as_json, err, opened, out
from inbox.flows import models

Version = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="VERSION", help="`shipped`, or a version by its name; else what serves."
    ),
]


def classify(
    explain: Annotated[bool, typer.Option(help="Add why: words, cues, nearest messages.")] = False,
    model: Version = None,
) -> None:
    """Read JSON lines {"text": …} on standard input, write them with category and urgency."""
    lines = bad = 0
    chunks = arriving(cast("Source", sys.stdin.buffer), more=_more(sys.stdin.buffer))
    loaded = _model(model)[1]
    gc.freeze()  # the program and its model stay: each full collection would look through them
    for line in classify_chunks(_flushed(chunks), loaded, explain=explain):
        lines += 1
        bad += line.startswith('{"error"') and "category" not in json.loads(line)
        sys.stdout.write(line + "\n")
    if bad:
        raise Stop(f'{bad} of {lines} lines were not read: an "error" stands in their place.')


def train(json_: AsJson = False) -> None:
    """Build the packaged model from the corpus, skipped while neither has changed; prints its card,
    beside the model before."""
    before = read_meta(MODEL_FOLDER) or {}
    built = training.train(say=(lambda _: None) if json_ else out.print)
    meta = read_meta(MODEL_FOLDER) or {}
    known = before.get("scores", {}) if built else {}
    if json_:
        told = {name: meta[name] for name in ("hash", "counts", "sure", "scores")}
        as_json({"built": built, **told, "before": known or None})
    else:
        sys.stdout.write(card(meta["scores"], known) + "\n")


def evaluate(
    file: Annotated[
        Path | None, typer.Argument(help="Labelled JSON lines, or a folder of them.", exists=True)
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Write how honest confidence is as a PNG.")
    ] = None,
    model: Version = None,
    json_: AsJson = False,
) -> None:
    """How good the classifier is: on a labelled file, else cross-validated on its own corpus."""
    if model and not file:
        raise typer.BadParameter("--model needs a FILE: without one, everything is learnt anew.")
    try:
        if file:
            version, loaded = _model(model)
            figures = {"version": version} | measuring.evaluate_file(file, loaded)
        else:
            figures = measuring.evaluate(say=(lambda _: None) if json_ else out.print)
    except ValueError as e:
        raise typer.BadParameter(str(e)) from e
    if plot:
        try:
            measuring.plot(figures, plot)
        except (OSError, ValueError) as e:  # no such folder, or an ending that is no picture's
            raise Stop(f"{plot} cannot be written: {e}") from e
    if json_:
        as_json(figures)
    else:
        sys.stdout.write(measuring.report(figures) + "\n")


def _flushed(chunks: Iterable[list[str]]) -> Iterator[list[str]]:
    """The same; whoever sends lines and waits for their tags gets them before the next are read."""
    for chunk in chunks:
        yield chunk
        sys.stdout.flush()


def _more(source: BinaryIO) -> Callable[[], bool]:
    """Whether something has come already; never known of what is no file of the system."""
    try:
        number = source.fileno()
    except OSError:
        return lambda: False
    return lambda: bool(select.select([number], [], [], 0)[0])


def _model(wanted: str | None) -> tuple[str, Classifier]:
    """The version asked for, else the one that tags in the inbox; which one is said on stderr."""
    with opened() as (settings, store):
        try:
            version, model = models.named(store, settings.folder, wanted)
        except models.NotUsable as e:
            raise Stop(f"{e} See: replydesk classifier versions") from e
    about = model.version if version == models.SHIPPED else "trained here"
    err.print(f"Model: {version} ({about})", highlight=False, markup=False)
    if not has_encoder():
        err.print(TERMS_ALONE, highlight=False)
    return version, model
