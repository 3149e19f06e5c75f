"""From a context to HTML: a whole page, or the part of it that htmx swaps."""

import templates
from inbox.web.pages import Frame
from inbox.web.pages_accounts import AccountsPage, FirstRunPage
from inbox.web.pages_door import Door, ErrorPage, SetupPage, SignInPage
from inbox.web.pages_list import ListPage
from inbox.web.pages_report import ReportView
from inbox.web.pages_thread import ThreadPage

BehindDoor = ListPage | ThreadPage | FirstRunPage | AccountsPage | ReportView
AnyPage = BehindDoor | SignInPage | SetupPage | ErrorPage


def page(context: AnyPage) -> str:
    """The whole document in the reader's language and the brand's time."""
    where = _where(context)
    return templates.render(context.TEMPLATE, where.locale, where.zone, page=context)


def part(context: ListPage | ThreadPage) -> str:
    """Only the list, or only thread and side: what a request with `HX-Request` is answered with."""
    where = context.frame
    return templates.render(context.PART, where.locale, where.zone, page=context)


def _where(context: AnyPage) -> Frame | Door:
    if isinstance(context, SignInPage | SetupPage | ErrorPage):
        return context.door
    return context.frame
