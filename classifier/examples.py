"""The labelled messages in `corpus/*.jsonl`: one file per language, named by its ISO 639-1 code."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from classifier.labels import Category, Urgency

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    category: Category
    urgency: Urgency
    lang: str


def read(folder: Path = CORPUS) -> list[Example]:
    """All examples, in the order of file name and line; ValueError names a bad line."""
    return [example for path in sorted(folder.glob("*.jsonl")) for example in _read_file(path)]


def _read_file(path: Path) -> Iterator[Example]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            yield Example(
                text=row["text"],
                category=Category(row["category"]),
                urgency=Urgency(row["urgency"]),
                lang=path.stem,
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path.name} line {number}: {error!r}") from error
