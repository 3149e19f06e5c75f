"""The pages about people: one's own profile, and everybody for the admins."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from inbox.flows.noticing import MAIL_FROM
from inbox.flows.profile import Place
from inbox.web.pages import Frame, Person
from inbox.web.qr import Qr, qr


@dataclass(frozen=True, slots=True)
class MePage:
    """`/me`: name, language, theme, password, second step, and where one is signed in.

    done: "" | name | password | ended | notices | desktop | two_step_off. errors: field → code
    (`name`: empty; `old`: wrong, slow; `password`: short; `quiet`: times). Notices are mailed from
    `mail_from` on, one of `choices` (`flows.noticing.MAIL_FROM`).
    """

    TEMPLATE: ClassVar[str] = "pages/me.html"

    frame: Frame
    places: tuple[Place, ...]
    name: str
    two_step: bool = False
    done: str = ""
    errors: tuple[tuple[str, str], ...] = ()
    min_password: int = 12
    mail_from: int = 90
    choices: tuple[int, ...] = MAIL_FROM

    def error(self, field: str) -> str:
        """The code of what is wrong with a field, or an empty string."""
        return dict(self.errors).get(field, "")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the team. `signs_in` False is a name from an import; `seen_at` is None when no
    session is left; `conversations` are assigned and not resolved."""

    id: int
    person: Person
    email: str
    role: str
    signs_in: bool = True
    disabled_at: datetime | None = None
    two_step: bool = False
    seen_at: datetime | None = None
    conversations: int = 0


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who has not joined yet.

    mail: "" (it left, or the link was shown) | waits | refused (`why` is what the server said).
    """

    id: int
    email: str
    role: str
    until: datetime
    mail: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """`/people`: the team, who is invited, and who must have a second step.

    `link` is an invitation's address for `link_for`, shown once where no mail server is set.
    done: "" | mailed | withdrawn | two_step. errors: field → code (`email`: email, known).
    """

    TEMPLATE: ClassVar[str] = "pages/people.html"

    frame: Frame
    members: tuple[Member, ...]
    invited: tuple[Invited, ...]
    roles: tuple[str, ...]
    two_step_roles: tuple[str, ...] = ()
    email: str = ""
    role: str = "agent"
    link: str = ""
    link_for: str = ""
    done: str = ""
    errors: tuple[tuple[str, str], ...] = ()

    def error(self, field: str) -> str:
        """The code of what is wrong with a field, or an empty string."""
        return dict(self.errors).get(field, "")


@dataclass(frozen=True, slots=True)
class PersonPage:
    """`/people/{id}`: what an admin does about one person.

    `link` sets a new password and is shown once, where no mail server is set.
    done: "" | role | mailed | ended | two_step | disabled | enabled. error: "" | last_admin.
    """

    TEMPLATE: ClassVar[str] = "pages/person.html"

    frame: Frame
    member: Member
    places: tuple[Place, ...]
    roles: tuple[str, ...]
    link: str = ""
    done: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class TwoStepPage:
    """`/me/two-step`: off, being switched on (`secret` and `uri` set), or on.

    `required`: this role must have it, and nothing else opens before. `codes` are fresh recovery
    codes, shown once; `left` counts the unused ones. error: "" | code | password | slow.
    """

    TEMPLATE: ClassVar[str] = "pages/two_step.html"

    frame: Frame
    on: bool
    required: bool = False
    secret: str = ""
    uri: str = ""
    codes: tuple[str, ...] = ()
    left: int = 0
    error: str = ""

    @property
    def groups(self) -> str:
        """The secret in groups of four, as one types it."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))

    @property
    def code(self) -> Qr:
        """The address as a picture for the phone's camera."""
        return qr(self.uri)
