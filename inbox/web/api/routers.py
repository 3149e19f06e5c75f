"""The routes of the API; `inbox.web.permissions.API` says who may call them."""

from inbox.web.api import (
    answers,
    complaints,
    contacts,
    conversations,
    desk_routes,
    document,
    forecast,
    notices,
    outbox,
    presence,
    roster_routes,
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
        *(document, conversations, steps, states, together, contacts, answers, complaints),
        *(desk_routes, outbox, roster_routes, presence, warnings, notices, webhooks),
        *(views,),
        *(forecast,),
    )
)
