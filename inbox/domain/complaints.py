"""Complaints: the deadlines that a regulator sets for the final response, as data.

Facts, with their sources, as of November 2026; `docs/complaints.md` says them in words. They are no
legal advice: which of them bind a brand, and from which day they run, its own counsel says. A brand
adds templates of its own beside them.

A deadline in business or calendar days counts from the local date on which the complaint came: that
date is day 0, and the deadline is the end of the last day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.core.contract import word
from inbox.domain.sla import WORKING_DAYS, Target
from inbox.domain.written import ID, Unclear, check_keys

MOST_DEADLINES: Final = 6


@dataclass(frozen=True, slots=True)
class Deadline:
    """One date by which something is due. `key` names it among those of its template."""

    key: str
    name: str
    target: Target


@dataclass(frozen=True, slots=True)
class Template:
    """What a complaint of one kind must keep. `pauses`: whether its clocks stand still while it is
    not on us; the regulators' own do not. `source` says where it is written."""

    id: str
    name: str
    source: str
    deadlines: tuple[Deadline, ...]
    calendar: str = WORKING_DAYS
    pauses: bool = False


def _deadline(key: str, name: str, target: str) -> Deadline:
    return Deadline(key, name, Target.parse(target))


PSD2: Final = Template(
    "psd2",
    word("PSD2 (payment services, EU and EEA)"),
    "Directive (EU) 2015/2366, Article 101(2)",
    (
        _deadline("reply", word("Full reply"), "15bd"),
        _deadline("latest", word("Latest final reply, after a holding reply"), "35bd"),
    ),
)
FCA: Final = Template(
    "fca",
    word("FCA (United Kingdom)"),
    "FCA Handbook, DISP 1.5.1R and DISP 1.6.2R",
    (
        _deadline("summary", word("Summary resolution"), "3bd"),
        _deadline("final", word("Final response"), "56d"),
    ),
)
REG_E: Final = Template(
    "reg-e",
    word("Regulation E (United States)"),
    "12 CFR 1005.11(c)",
    (
        _deadline("determine", word("Determination, or provisional credit"), "10bd"),
        _deadline("complete", word("Investigation completed"), "45d"),
    ),
)
SHIPPED: Final = (PSD2, FCA, REG_E)


def snapshot(template: Template) -> dict[str, Any]:
    """A template as a complaint keeps it: what it was marked with binds it, whatever changes."""
    return {
        "id": template.id,
        "name": template.name,
        "source": template.source,
        "calendar": template.calendar,
        "pauses": template.pauses,
        "deadlines": [
            {"key": one.key, "name": one.name, "target": str(one.target)}
            for one in template.deadlines
        ],
    }


def restored(said: Mapping[str, Any]) -> Template:
    """The template of a snapshot."""
    deadlines = tuple(
        _deadline(one["key"], one["name"], one["target"]) for one in said["deadlines"]
    )
    rest = {key: said[key] for key in ("id", "name", "source", "calendar", "pauses")}
    return Template(deadlines=deadlines, **rest)


def written(document: Mapping[str, Any]) -> Template:
    """A brand's own template from a document, with defaults for all but id, name and deadlines:

        id = "ombudsman"                       source = "our terms, 7.3"
        name = "Ombudsman"                     calendar = "office"
        pauses = true                          [[deadline]]
                                               name = "Answer"
                                               within = "10bd"

    Raises `Unclear`.
    """
    check_keys(document, {"id", "name", "source", "calendar", "pauses", "deadline"}, "template")
    name_, title = document.get("id"), str(document.get("name") or "").strip()
    if not isinstance(name_, str) or not ID.fullmatch(name_):
        raise Unclear(word("The id needs lower-case letters, digits and hyphens, at most 40."))
    if name_ in {one.id for one in SHIPPED}:
        raise Unclear(word("“{id}” is one that came with the program; choose another."), id=name_)
    if not title:
        raise Unclear(word("The template needs a name."))
    pauses = document.get("pauses", False)
    if not isinstance(pauses, bool):
        raise Unclear(word("pauses is true or false."))
    rows = document.get("deadline")
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_DEADLINES:
        raise Unclear(word("Write 1 to {n} [[deadline]] tables."), n=MOST_DEADLINES)
    return Template(
        name_,
        title,
        str(document.get("source") or "").strip(),
        tuple(_own(row, number) for number, row in enumerate(rows, start=1)),
        str(document.get("calendar") or WORKING_DAYS),
        pauses,
    )


def _own(row: Any, number: int) -> Deadline:
    if not isinstance(row, Mapping):
        raise Unclear(word("Write 1 to {n} [[deadline]] tables."), n=MOST_DEADLINES)
    check_keys(row, {"name", "within"}, f"deadline {number}")
    title = str(row.get("name") or "").strip()
    if not title:
        raise Unclear(word("Deadline {n} needs a name."), n=number)
    try:
        return Deadline(str(number), title, Target.parse(str(row.get("within") or "")))
    except ValueError as e:
        words = word("Deadline {n}: write within such as 15bd, 56d, 24h or 8bh.")
        raise Unclear(words, n=number) from e
