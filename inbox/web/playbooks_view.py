"""Playbooks as their pages show them, and their form as a playbook."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from connectors.core.text import clean
from inbox.domain import playbooks as rules
from inbox.domain.answers import language_of
from inbox.domain.playbooks import PARTS, PLACES, STEPS, Playbook
from inbox.flows import playbook_lines
from inbox.flows import playbooks as flow
from inbox.store import answers, people
from inbox.store import playbooks as stored
from inbox.store.tables import PlaybookTick
from inbox.web.answers_view import FIRST, by_of
from inbox.web.pages import Frame
from inbox.web.pages_answers import CannedVersionRow
from inbox.web.pages_composer import Pick
from inbox.web.pages_playbooks import (
    PlaybookPage,
    PlaybookPanel,
    PlaybookRow,
    PlaybooksPage,
    StepRow,
    Written,
)


def playbooks_page(session: Session, frame: Frame, done: str = "") -> PlaybooksPage:
    """`/playbooks`."""
    found = [stored.playbook(row.place, row.written) for row in stored.listed(session)]
    known = {one.place for one in found}
    missing = [place for place in PLACES if place not in known]
    ready = {one.place for one in playbook_lines.starters()}
    return PlaybooksPage(
        frame=frame,
        rows=tuple(row(one, frame.locale) for one in found),
        missing=tuple((place, *rules.named(place)) for place in missing),
        ready=len(ready.intersection(missing)),
        done=done,
    )


def row(one: Playbook, locale: str) -> PlaybookRow:
    """A playbook in the list."""
    category, about = rules.named(one.place)
    steps = tuple(rules.steps_of(one.texts[language_of(one.texts, locale)]).values())
    lead = " · ".join(steps)
    return PlaybookRow(one.place, category, about, lead, tuple(one.texts), len(steps))


def playbook_page(session: Session, frame: Frame, place: str, done: str = "") -> PlaybookPage:
    """`/playbooks/edit` for a place that there is; without a playbook an empty form, or the ready
    one if there is one."""
    found = stored.one(session, place)
    if found is None:
        ready = {one.place: one for one in playbook_lines.starters()}
        return _written(session, frame, ready.get(place, Playbook(place)))
    page = _written(session, frame, stored.playbook(place, found.written))
    return replace(
        page,
        version=found.version,
        removed=found.removed_at is not None,
        versions=tuple(
            CannedVersionRow(one.version, one.by, one.at, removed=one.written is None)
            for one in stored.versions(session, place)
        ),
        done=done,
    )


def retyped(
    session: Session, frame: Frame, place: str, given: FormData, trouble: str
) -> PlaybookPage:
    """The form as it was sent; nothing is stored."""
    page = playbook_page(session, frame, place)
    typed = _written(session, frame, form_playbook(given))
    return replace(
        page,
        texts=typed.texts,
        more=typed.more,
        answers=typed.answers,
        unknown=typed.unknown,
        trouble=trouble,
    )


def form_playbook(given: FormData) -> Playbook:
    """What the form says, unchecked: a field `text.LANGUAGE.PART` has a line for each step; those
    of the language "more" are in the one that is named beside them, after those that it has."""
    texts: dict[str, dict[str, tuple[str, ...]]] = {}
    for key, value in given.multi_items():
        kind, _, rest = key.partition(".")
        lang, _, part = rest.partition(".")
        lines = tuple(filter(None, (line.strip() for line in str(value).splitlines())))
        if kind == "text" and lines:
            lang = str(given.get("lang", "")).strip().lower() if lang == "more" else lang
            parts = texts.setdefault(lang, {})
            parts[part] = (*parts.get(part, ()), *lines)
    shortcuts = clean(str(given.get("answers", ""))).replace(",", " ").split()
    return Playbook(str(given.get("place", "")), texts, tuple(shortcuts))


def panel(session: Session, conversation_id: int, frame: Frame) -> PlaybookPanel | None:
    """The playbook beside a conversation that there is, in the reader's language."""
    found = flow.of_conversation(session, conversation_id, by_of(frame))
    if found is None:
        return None
    lang = language_of(found.playbook.texts, frame.locale)
    lines = found.playbook.texts[lang]
    names = people.names_by_email(session, {one.by for one in found.done.values()})
    category, about = rules.named(found.playbook.place)
    return PlaybookPanel(
        place=found.playbook.place,
        category=category,
        about=about,
        version=found.version,
        older=found.version != found.newest,
        lang=lang,
        parts=tuple(
            (PARTS[part], _steps(part, lines[part], found.done, names))
            for part in STEPS
            if part in lines
        ),
        rules=tuple(
            (PARTS[part], lines[part]) for part in PARTS if part not in STEPS and part in lines
        ),
        answers=tuple(
            Pick(
                one.canned.id,
                one.canned.name,
                one.canned.shortcut,
                one.lang,
                one.filled.text,
                one.filled.missing,
            )
            for one in found.answers
        ),
    )


def _steps(
    part: str,
    lines: tuple[str, ...],
    done: Mapping[str, PlaybookTick],
    names: Mapping[str, str],
) -> tuple[StepRow, ...]:
    found = []
    for n, text in enumerate(lines):
        key = f"{part}.{n}"
        tick = done.get(key)
        by = names.get(tick.by, tick.by) if tick else ""
        found.append(StepRow(key, text, by, tick.at if tick else None))
    return tuple(found)


def _written(session: Session, frame: Frame, one: Playbook) -> PlaybookPage:
    category, about = rules.named(one.place)
    texts = tuple(
        Written(lang, {p: "\n".join(one.texts.get(lang, {}).get(p, ())) for p in PARTS})
        for lang in dict.fromkeys((*FIRST, *one.texts))
    )
    more = next((text for text in texts if not rules.is_language(text.lang)), None)
    unknown = [a for a in one.answers if answers.by_shortcut(session, answers.TEAM, a) is None]
    return PlaybookPage(
        frame=frame,
        place=one.place,
        category=category,
        about=about,
        texts=tuple(text for text in texts if text is not more),
        more=more,
        answers=" ".join(one.answers),
        unknown=tuple(unknown),
        may_write=frame.me.leads,
    )
