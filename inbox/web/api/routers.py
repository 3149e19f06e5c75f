"""The routes of the API; `inbox.web.permissions.API` says who may call them."""

from inbox.web.api import (
    answers,
    assignment,
    bulk,
    complaints,
    contacts,
    conversations,
    desk_routes,
    document,
    forecast,
    leaving,
    macros,
    matters,
    notices,
    outbox,
    presence,
    roster_routes,
    rules,
    states,
    steps,
    together,
    views,
    warnings,
    webhooks,
)

API_ROUTERS = tuple(
    part.router
    for part in (
        *(document, conversations, steps, states, contacts, complaints, desk_routes),
        *(answers, macros, bulk, leaving),
        *(outbox, roster_routes, presence, warnings, webhooks),
        *(assignment, rules),
        *(views, matters),
        *(forecast,),
        *(together, notices),
    )
)
