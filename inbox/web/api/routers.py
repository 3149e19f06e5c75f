"""The routes of the API; `inbox.web.permissions.API` says who may call them."""

from inbox.web.api import contacts, conversations, desk_routes, document, steps

API_ROUTERS = tuple(part.router for part in (document, conversations, steps, contacts, desk_routes))
