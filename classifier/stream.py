"""JSON lines in, the same lines with tags out: the body of `replydesk classify`."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any

from classifier.model import Classifier, Tags

FIELDS = (
    "category", "category_confidence", "urgency", "urgency_confidence", "lang", "needs_review",
    "topic", "tone", "labels", "outside",
)  # fmt: skip


LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def classify_lines(
    lines: Iterable[str], classifier: Classifier, batch: int = 256, *, explain: bool = False
) -> Iterator[str]:
    """One JSON line per line that is not blank, in order, read and tagged `batch` at a time.

    A line that is no object with a string `text` becomes `{"error": …, "line": number}`.
    """
    numbered = ((n, line) for n, line in enumerate(lines, start=1) if line.strip())
    while chunk := list(islice(numbered, batch)):
        rows = [_read(line) for _, line in chunk]
        tags = iter(classifier.tag([row["text"] for row in rows if isinstance(row, dict)]))
        for (number, _), row in zip(chunk, rows, strict=True):
            if isinstance(row, dict):
                why = {"why": asdict(classifier.explain(row["text"]))} if explain else {}
                yield _line(row | _fields(next(tags)) | why)
            else:
                yield _line({"error": row, "line": number})


def _read(line: str) -> dict[str, Any] | str:
    """The object of the line, or what is wrong with it."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"
    if isinstance(row, dict) and isinstance(row.get("text"), str):
        return row
    return 'not an object with a string "text"'


def _fields(tags: Tags) -> dict[str, Any]:
    return {field: getattr(tags, field) for field in FIELDS}


def _line(row: dict[str, Any]) -> str:
    return LONE_SURROGATE.sub("\ufffd", json.dumps(row, ensure_ascii=False))
