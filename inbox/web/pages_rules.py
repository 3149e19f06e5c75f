"""The pages of routing rules: the list, and the form with its trial."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from inbox.web.pages import Channel, Frame

Parts = tuple[tuple[str, tuple[str, ...]], ...]
"""(what, values): `categories` → refund, payment. A flag has no values, but its name says which:
`vip`, `not_vip`, `off_duty`, `on_duty`, `hide`, `unseen` (accounts that the reader does not see).
"""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule in the list; `messages` is on how many it did something in the last seven days."""

    id: str
    name: str
    on: bool
    conditions: Parts
    actions: Parts
    messages: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """One change. `by` is an e-mail address, or `cli`."""

    number: int
    at: datetime
    by: str
    newest: bool
    restores: int | None


@dataclass(frozen=True, slots=True)
class RulesPage:
    """`/rules`. `people` are names by address, `channels` by key, `policies` by id. done: "" |
    saved | on | off | removed | moved | restored; `undo` is the version that its button goes back
    to."""

    TEMPLATE: ClassVar[str] = "pages/rules.html"

    frame: Frame
    rows: tuple[RuleRow, ...]
    versions: tuple[Version, ...]
    version: int
    people: Mapping[str, str]
    channels: Mapping[str, str]
    policies: Mapping[str, str]
    done: str = ""
    undo: int | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A message on which the rule would have done something."""

    conversation: int
    who: str
    channel: Channel
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule would have done with the `of` messages since an instant; `is_cut`: there were
    more. `actions` are (name, value, on how many messages)."""

    since: datetime
    of: int
    is_cut: bool
    messages: int
    actions: tuple[tuple[str, str, int], ...]
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class RuleForm:
    """`/rules/edit`: one rule, or a new one with an empty `id`.

    `known`: the rules in force have it. `given` is the rule as `domain.rules_written` has it,
    whatever was typed; `options` are the values that may be ticked for each condition, `receivers`
    those of `notify`. `unseen`: it asks for accounts, too, that the reader does not see.
    """

    TEMPLATE: ClassVar[str] = "pages/rule_form.html"

    frame: Frame
    id: str
    given: Mapping[str, Any]
    options: Mapping[str, tuple[str, ...]]
    people: Mapping[str, str]
    channels: Mapping[str, str]
    tags: tuple[str, ...]
    version: int
    receivers: tuple[str, ...]
    policies: Mapping[str, str]
    known: bool = False
    unseen: bool = False
    tried: Tried | None = None
    trouble: str = ""
