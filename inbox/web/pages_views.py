"""The page of saved views."""

from dataclasses import dataclass
from typing import ClassVar

from inbox.domain.views import MOST_NAME
from inbox.web.pages import Frame
from inbox.web.pages_list import View


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved view: its tab, and whether the reader may change it. `first` and `last` stand at an
    end of their list (the team's, or the reader's own)."""

    tab: View
    id: int
    query: str
    changes: bool
    first: bool = False
    last: bool = False


@dataclass(frozen=True, slots=True)
class ViewForm:
    """What was entered. `id` is the view that is changed, 0 for a new one; `wrong` names the field
    that `reason` is about."""

    id: int = 0
    name: str = ""
    query: str = ""
    shared: bool = False
    wrong: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ViewsPage:
    """`/views`. `removed` is the view that was removed just now and can be brought back."""

    TEMPLATE: ClassVar[str] = "pages/views.html"

    frame: Frame
    views: tuple[Kept, ...]
    form: ViewForm = ViewForm()
    removed: tuple[int, str] | None = None
    most_name: int = MOST_NAME
