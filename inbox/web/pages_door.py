"""The pages before the sign-in, and the page of an error."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Door:
    """What the pages before the sign-in share; `next` is a path of ours to go to afterwards."""

    brand: str
    now: datetime
    zone: str
    locale: str = "en"
    theme: str = "system"


@dataclass(frozen=True, slots=True)
class SignInPage:
    """`/sign-in`. error: "" | wrong | slow (throttled until `retry_at`) | ended (signed out) |
    reset (a new password is set)."""

    TEMPLATE: ClassVar[str] = "pages/sign_in.html"

    door: Door
    email: str = ""
    next: str = "/"
    error: str = ""
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SetupPage:
    """`/setup` asks for the terminal's code; `/setup/{token}` (`token` set) makes the admin.

    errors: field → code (`wrong`, `used`, `email`, `short`, `empty`); `min_password` is
    the least length in characters.
    """

    TEMPLATE: ClassVar[str] = "pages/setup.html"

    door: Door
    token: str = ""
    name: str = ""
    email: str = ""
    errors: tuple[tuple[str, str], ...] = ()
    min_password: int = 12

    def error(self, field: str) -> str:
        """The code of what is wrong with a field, or an empty string."""
        return dict(self.errors).get(field, "")


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """403, 404, 500 and the rest. `request` is the id to tell an admin (500 only); `why` says of
    the rest what to do. Of a 404 that is due to the reader's `role`, `only_for` are the roles that
    may, and `who` are some people who have one."""

    TEMPLATE: ClassVar[str] = "pages/error.html"

    door: Door
    status: int
    request: str = ""
    why: str = ""
    role: str = ""
    only_for: frozenset[str] = frozenset()
    who: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForgotPage:
    """`/forgot`. state: "" | sent | slow (throttled until `retry_at`) | no_mail (ask an admin)."""

    TEMPLATE: ClassVar[str] = "pages/forgot.html"

    door: Door
    email: str = ""
    state: str = ""
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ResetPage:
    """`/reset/{token}` sets a new password. error: "" | short | used (the link no longer works)."""

    TEMPLATE: ClassVar[str] = "pages/reset.html"

    door: Door
    token: str = ""
    error: str = ""
    min_password: int = 12


@dataclass(frozen=True, slots=True)
class JoinPage:
    """`/join/{token}`: name and password of whoever is invited; without `token` the link is used.

    errors: field → code (`name`: empty; `password`: short).
    """

    TEMPLATE: ClassVar[str] = "pages/join.html"

    door: Door
    token: str = ""
    email: str = ""
    role: str = ""
    name: str = ""
    errors: tuple[tuple[str, str], ...] = ()
    min_password: int = 12

    def error(self, field: str) -> str:
        """The code of what is wrong with a field, or an empty string."""
        return dict(self.errors).get(field, "")


@dataclass(frozen=True, slots=True)
class CodePage:
    """`/sign-in/code`, the second step. error: "" | wrong | slow (throttled until `retry_at`)."""

    TEMPLATE: ClassVar[str] = "pages/code.html"

    door: Door
    next: str = "/"
    error: str = ""
    retry_at: datetime | None = None
