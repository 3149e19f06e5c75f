"""Playbooks as JSON lines, out and in; and those to begin with."""

import json
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain import playbooks as rules
from inbox.domain.playbooks import PARTS, PLACES, BadPlaybook, Playbook
from inbox.flows import playbooks as flow
from inbox.flows.answer_lines import Read
from inbox.flows.answers import By, NotYours
from inbox.store import playbooks as stored
from inbox.store.session import Store

STARTER_LANGUAGES: Final = ("en", "zh")


def lines(session: Session) -> Iterator[str]:
    """The playbooks, one a line; `read` takes them."""
    for row in stored.listed(session):
        yield json.dumps({"place": row.place, **row.written}, ensure_ascii=False)


def read(store: Store, given: Iterable[str], *, by: By, now: datetime) -> Read:
    """Takes playbooks. One for a place that has one becomes its next version; reading the same
    lines again changes nothing. A bad line is named, the others are taken. Raises `NotYours`."""
    if not by.leads:
        raise NotYours
    done = Read()
    for number, line in enumerate(given, start=1):
        if not line.strip():
            continue
        try:
            _take(store, parsed(_json(line)), by, now, done)
        except BadPlaybook as e:
            done.refused.append((number, str(e)))
    return done


def adopt(store: Store, chosen: Sequence[Playbook], *, by: By, now: datetime) -> int:
    """Takes those of some ready playbooks whose place has none; how many. Raises `NotYours`."""
    with store.read() as session:
        known = {row.place for row in stored.listed(session)}
    new = [one for one in chosen if one.place not in known]
    for one in new:
        flow.write(store, one, by=by, now=now)
    return len(new)


def parsed(said: Any) -> Playbook:
    """A playbook as JSON writes it, unchecked but for its shape. Raises `BadPlaybook`."""
    if not isinstance(said, dict) or not {"place", "texts"} <= said.keys():
        raise BadPlaybook(word("A line has place and texts, and may have answers."))
    place, texts, answers = said["place"], said["texts"], said.get("answers") or []
    if not isinstance(place, str) or not isinstance(texts, dict) or not _words(answers):
        raise BadPlaybook(_shape())
    for parts in texts.values():
        if not isinstance(parts, dict) or not all(map(_words, parts.values())):
            raise BadPlaybook(_shape())
    by_lang = {
        lang: {part: tuple(lines) for part, lines in parts.items()} for lang, parts in texts.items()
    }
    return Playbook(place, by_lang, tuple(answers))


@cache
def starters() -> tuple[Playbook, ...]:
    """A playbook for every category and topic, in English and Chinese."""
    read_in = {lang: _toml(lang) for lang in STARTER_LANGUAGES}
    return tuple(
        rules.checked(
            Playbook(
                place,
                {lang: _lines(said, place) for lang, said in read_in.items()},
                tuple(_table(read_in["en"], place).get("answers", ())),
            )
        )
        for place in PLACES
        if not place.endswith(".other")  # what is none of the topics has the category's
    )


def _toml(lang: str) -> dict[str, Any]:
    return tomllib.loads(files("templates").joinpath(f"playbooks/{lang}.toml").read_text("utf-8"))


def _table(said: dict[str, Any], place: str) -> dict[str, Any]:
    category, _, topic = place.partition(".")
    found: dict[str, Any] = said[category][topic] if topic else said[category]
    return found


def _lines(said: dict[str, Any], place: str) -> rules.Lines:
    """A place's lines, and those that hold everywhere."""
    own, every = _table(said, place), said["every"]
    return {part: (*own.get(part, ()), *every.get(part, ())) for part in PARTS}


def _take(store: Store, written: Playbook, by: By, now: datetime, done: Read) -> None:
    with store.read() as session:
        row = stored.one(session, rules.checked(written).place)
    before = row.version if row is not None else 0
    version = flow.write(store, written, by=by, now=now)
    if before == 0:
        done.new += 1
    elif version == before:
        done.same += 1
    else:
        done.changed += 1


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise BadPlaybook(word("This line is no JSON.")) from None


def _words(said: Any) -> bool:
    return isinstance(said, list) and all(isinstance(one, str) for one in said)


def _shape() -> str:
    shape = '{"en": {"check": ["…"]}}'
    return word("Texts are lines by language and part: {name}.").format(name=shape)
