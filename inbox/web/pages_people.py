"""The pages about people: one's own profile, and everybody for the admins."""

from dataclasses import dataclass
from typing import ClassVar

from inbox.flows.profile import Place
from inbox.web.pages import Frame


@dataclass(frozen=True, slots=True)
class MePage:
    """`/me`: name, language, theme, password, second step, and where one is signed in.

    done: "" | name | password | ended | two_step_off. errors: field → code (`name`: empty;
    `old`: wrong, slow; `password`: short). `two_step_since` None means no second step.
    """

    TEMPLATE: ClassVar[str] = "pages/me.html"

    frame: Frame
    places: tuple[Place, ...]
    name: str
    done: str = ""
    errors: tuple[tuple[str, str], ...] = ()
    min_password: int = 12

    def error(self, field: str) -> str:
        """The code of what is wrong with a field, or an empty string."""
        return dict(self.errors).get(field, "")
