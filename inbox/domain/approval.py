"""Whose answers wait until a lead has read them, and who may let them go."""

from dataclasses import dataclass
from typing import Final

ROLE, PERSON, FINDING = "role", "person", "finding"
DECIDERS: Final = ("lead", "admin")
ASKABLE: Final = ("agent", "lead", "admin")
"""Roles whose answers can be made to wait."""


@dataclass(frozen=True, slots=True)
class Approval:
    """The brand's rule. `roles`: their answers wait. `findings`: so does everybody's in which the
    guard finds something, such as a card number. `own`: an admin may approve their own. `people`:
    ids of those whose answers wait whatever their role, such as newcomers."""

    roles: tuple[str, ...] = ()
    findings: bool = False
    own: bool = False
    people: tuple[int, ...] = ()

    @property
    def is_on(self) -> bool:
        """Whether any answer waits."""
        return bool(self.roles or self.people) or self.findings


def needed(rule: Approval, role: str, author: int, found: bool) -> str:
    """Why an answer waits: `finding` (the guard `found` something), `role` (its author's), `person`
    (its author is one of those); empty: it goes out."""
    if rule.findings and found:
        return FINDING
    if role in rule.roles:
        return ROLE
    return PERSON if author in rule.people else ""


def may_decide(rule: Approval, role: str, person: int, author: int) -> bool:
    """Whether this person may approve an answer of this author, or send it back."""
    if role not in DECIDERS:
        return False
    return person != author or (rule.own and role == "admin")
