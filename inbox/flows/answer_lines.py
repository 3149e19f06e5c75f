"""Canned answers as JSON lines: the team's, out and in; and a few to begin with."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from connectors.core.contract import word
from connectors.core.text import clean
from inbox.domain import answers as rules
from inbox.domain.answers import BadAnswer, Canned
from inbox.flows import answers as flow
from inbox.flows.answers import By
from inbox.store import answers as stored
from inbox.store.session import Store

FIELDS: Final = ("name", "shortcut", "texts", "category", "topic")


@dataclass
class Read:
    """What became of the lines: how many answers are new, changed, or were the same; and (number,
    why) of each line that was refused."""

    new: int = 0
    changed: int = 0
    same: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def lines_in(text: str) -> list[str]:
    """The lines of a file of such lines. A line feed alone ends one: what words hold beside it,
    such as U+2028, is theirs."""
    return text.removeprefix("\ufeff").split("\n")


def lines(session: Session) -> Iterator[str]:
    """The team's answers, one a line, by name; `read` takes them."""
    for row in stored.listed(session, stored.TEAM, most=None):
        written = stored.document(stored.canned(row))
        told = {key: value for key, value in written.items() if value}
        yield json.dumps(told, ensure_ascii=False)


def read(store: Store, given: Iterable[str], *, by: By, now: datetime) -> Read:
    """Takes answers for the team. A known shortcut becomes a new version of its answer; reading the
    same lines again changes nothing. A bad line is named, the others are taken. Raises `NotYours`.
    """
    if not by.leads:
        raise flow.NotYours
    done = Read()
    for number, line in enumerate(given, start=1):
        if not line.strip():
            continue
        try:
            _take(store, _parsed(line), by, now, done)
        except BadAnswer as e:
            done.refused.append((number, str(e)))
    return done


def adopt(store: Store, chosen: Sequence[Canned], *, by: By, now: datetime) -> int:
    """Takes those of some ready answers whose shortcut is free; how many."""
    taken = 0
    for one in chosen:
        with store.read() as session:
            known = stored.by_shortcut(session, stored.TEAM, one.shortcut)
        if known is None:
            flow.add(store, one, own=False, by=by, now=now)
            taken += 1
    return taken


def _take(store: Store, written: Canned, by: By, now: datetime, done: Read) -> None:
    right = rules.checked(written)
    with store.read() as session:
        row = stored.by_shortcut(session, stored.TEAM, right.shortcut)
    if row is None:
        flow.add(store, right, own=False, by=by, now=now)
        done.new += 1
    elif flow.change(store, row.id, right, by=by, now=now) == row.version:
        done.same += 1
    else:
        done.changed += 1


def _parsed(line: str) -> Canned:
    try:
        said: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise BadAnswer(word("This line is no JSON.")) from None
    if not isinstance(said, dict) or not {"name", "shortcut", "texts"} <= said.keys():
        raise BadAnswer(word("A line has name, shortcut and texts, and may have category, topic."))
    texts = said["texts"]
    words = [said.get(key) or "" for key in FIELDS if key != "texts"]
    if not isinstance(texts, dict) or not all(
        isinstance(w, str) for w in (*words, *texts.values())
    ):
        raise BadAnswer(word("Texts are words by language: {name}.").format(name='{"en": "…"}'))
    name, shortcut, category, topic = map(clean, words)
    texts = {clean(lang): text for lang, text in texts.items()}
    return Canned(name, shortcut, texts, category, topic)
