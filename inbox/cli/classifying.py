"""The classifier on the command line."""

import json
import sys

import typer

from classifier import evaluate as measuring
from classifier import train as training
from classifier.model import load
from classifier.stream import classify_lines
from inbox.cli.common import AsJson, as_json, out


def classify() -> None:
    """Read JSON lines {"text": …} on standard input, write them with category and urgency."""
    bad = False
    for line in classify_lines(sys.stdin, load()):
        bad = bad or (line.startswith('{"error"') and "category" not in json.loads(line))
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
    if bad:
        raise typer.Exit(1)


def train() -> None:
    """Build the packaged model from the corpus; skipped while neither has changed."""
    training.train(say=out.print)


def evaluate(json_: AsJson = False) -> None:
    """Cross-validated accuracy by category, urgency and language, and how honest confidence is."""
    figures = measuring.evaluate(say=(lambda _: None) if json_ else out.print)
    if json_:
        as_json(figures)
    else:
        sys.stdout.write(measuring.report(figures) + "\n")
