"""The classifier on the command line."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from classifier import evaluate as measuring
from classifier import train as training
from classifier.model import load
from classifier.stream import arriving, classify_chunks
from inbox.cli.common import AsJson, Stop, as_json, out


def classify(
    explain: Annotated[bool, typer.Option(help="Add why: words, cues, nearest messages.")] = False,
) -> None:
    """Read JSON lines {"text": …} on standard input, write them with category and urgency."""
    bad = False
    for line in classify_chunks(arriving(sys.stdin.buffer), load(), explain=explain):
        bad = bad or (line.startswith('{"error"') and "category" not in json.loads(line))
        sys.stdout.write(line + "\n")
        sys.stdout.flush()  # whoever sends a line and waits for its tags gets them
    if bad:
        raise typer.Exit(1)


def train() -> None:
    """Build the packaged model from the corpus; skipped while neither has changed."""
    training.train(say=out.print)


def evaluate(
    file: Annotated[
        Path | None, typer.Argument(help="Labelled JSON lines, or a folder of them.", exists=True)
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Write how honest confidence is as a PNG.")
    ] = None,
    json_: AsJson = False,
) -> None:
    """How good the classifier is: on a labelled file, else cross-validated on its own corpus."""
    try:
        if file:
            figures = measuring.evaluate_file(file, load())
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
