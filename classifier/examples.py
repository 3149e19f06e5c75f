"""The labelled messages in `corpus/*.jsonl`: one file per language, named by its ISO 639-1 code."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from classifier.labels import OTHER_TOPIC, TOPICS, Category, Tone, Urgency
from classifier.language import language

L = TypeVar("L", bound=StrEnum)

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True, slots=True)
class Example:
    """`style` is whose voice it is, in one writer's imagination. `pair`
    names the message across a border that it is to be told from. The text of a `private` one, a
    customer's, is learnt from and never shown or kept."""

    text: str
    category: Category
    urgency: Urgency
    lang: str
    topic: str = OTHER_TOPIC
    tone: Tone = Tone.NEUTRAL
    style: str = ""
    pair: str | None = None
    weight: float = 1.0
    private: bool = False

    @property
    def writer(self) -> str:
        """Who wrote it down: one person imagined many styles (`es-a1`, `es-a2`)."""
        return self.style if self.private else self.style.rstrip("0123456789")


def read(folder: Path = CORPUS) -> list[Example]:
    """All examples, in the order of file name and line; ValueError names a bad line."""
    return [example for path in sorted(folder.glob("*.jsonl")) for example in read_file(path)]


def read_file(path: Path) -> Iterator[Example]:
    """The examples of one file. In one that is only measured, all but text, category and urgency
    may be missing; a file whose name is no language's code takes each message's own. Blank lines
    count for nothing, nor does the mark that some editors begin a file with."""
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError("it is no object")
            if not isinstance(row["text"], str):
                raise ValueError("its text is no text")
            yield Example(
                text=row["text"],
                category=_one_of(Category, row["category"]),
                urgency=_one_of(Urgency, row["urgency"]),
                lang=row.get("lang") or _code(path) or language(row["text"]),
                topic=_topic(row),
                tone=Tone(row.get("tone", Tone.NEUTRAL)),
                style=row.get("style", ""),
                pair=row.get("pair"),
            )
        except KeyError as error:
            raise ValueError(f"{path.name} line {number}: it has no {error}") from error
        except (ValueError, TypeError) as error:
            raise ValueError(f"{path.name} line {number}: {error}") from error


def _code(path: Path) -> str | None:
    return path.stem if len(path.stem) == 2 else None


def _one_of(labels: type[L], said: Any) -> L:
    if said not in list(labels):
        raise ValueError(f"{said!r} is no {labels.__name__.lower()}: {', '.join(labels)}")
    return labels(said)


def _topic(row: dict[str, Any]) -> str:
    topic: str = row.get("topic", OTHER_TOPIC)
    if topic not in TOPICS[Category(row["category"])]:
        raise ValueError(f"no topic of {row['category']}: {topic}")
    return topic
