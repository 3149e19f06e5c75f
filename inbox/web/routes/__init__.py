"""The routes, one file per area; `inbox.web.permissions` says who may call them."""

from inbox.web.routes import (
    accounts,
    classifier,
    conversations,
    door,
    files,
    hooks,
    inbox,
    messages,
    outbox,
    reports,
    system,
    tokens,
)

ROUTERS = tuple(
    area.router
    for area in (
        system,
        door,
        hooks,
        inbox,
        conversations,
        messages,
        files,
        outbox,
        accounts,
        reports,
        classifier,
        tokens,
    )
)
