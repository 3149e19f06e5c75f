"""JSON lines in, the same lines with tags out: the body of `replydesk classify`."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import Any, Protocol

from classifier.model import Classifier, Tags

FIELDS = (
    "category", "category_confidence", "urgency", "urgency_confidence", "lang", "needs_review",
    "topic", "tone", "labels", "outside",
)  # fmt: skip


BATCH = 256
READ_BYTES = 1 << 16
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Source(Protocol):
    """A binary stream, such as the buffer of standard input."""

    def read1(self, size: int, /) -> bytes:
        """What is there, at most so many bytes; waits for the first one."""


def arriving(
    source: Source, most: int = BATCH, more: Callable[[], bool] = lambda: False
) -> Iterator[list[str]]:
    """The lines that are there, at most `most` at a time: many of a file, one of a slow pipe.

    `more` says whether reading on would not wait: then a small portion is filled up first. What is
    not UTF-8 becomes U+FFFD.
    """
    rest: list[bytes] = []  # of a line whose end has not come
    ready: list[bytes] = []
    while data := source.read1(READ_BYTES):
        *ended, begun = data.split(b"\n")
        if ended:
            ended[0] = b"".join([*rest, ended[0]])
            rest = []
            ready += ended
        rest.append(begun)
        while len(ready) >= most or (ready and not more()):
            yield _decoded(ready[:most])
            del ready[:most]
    if last := b"".join(rest):
        ready.append(last)
    for at in range(0, len(ready), most):
        yield _decoded(ready[at : at + most])


def _decoded(lines: list[bytes]) -> list[str]:
    return [line.decode("utf-8", "replace") for line in lines]


def classify_chunks(
    chunks: Iterable[list[str]], classifier: Classifier, *, explain: bool = False
) -> Iterator[str]:
    """One JSON line per line that is not blank, in order, each chunk read and tagged at once.

    A line that is no object with a string `text` becomes `{"error": …, "line": number}`.
    """
    before = 0
    for chunk in chunks:
        numbered = [(n, line) for n, line in enumerate(chunk, start=before + 1) if line.strip()]
        before += len(chunk)
        rows = [_read(line) for _, line in numbered]
        tags = iter(classifier.tag([row["text"] for row in rows if isinstance(row, dict)]))
        for (number, _), row in zip(numbered, rows, strict=True):
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
