"""The routes, one file per area; `inbox.web.permissions` says who may call them."""

from inbox.web.routes import (
    accounts,
    classifier,
    contacts,
    conversations,
    door,
    files,
    hooks,
    inbox,
    links,
    me,
    messages,
    outbox,
    people,
    policies,
    reports,
    roster,
    states,
    system,
    tokens,
    two_step,
    warnings,
    webhooks,
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
        states,
        contacts,
        files,
        outbox,
        accounts,
        reports,
        classifier,
        policies,
        roster,
        me,
        links,
        people,
        two_step,
        tokens,
        warnings,
        webhooks,
    )
)
