"""Who may do what with the roster: rows of the one table in `permissions`."""

from inbox.web.roles import EVERYONE, LEADS, READERS, WRITERS, Entry

PAGES: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/roster"): READERS,
    ("POST", "/roster/shifts"): LEADS,
    ("POST", "/roster/undo"): LEADS,
    ("POST", "/roster/cover"): LEADS,
    ("POST", "/roster/absences"): WRITERS,
    ("POST", "/roster/absences/{id}/withdraw"): WRITERS,
    ("POST", "/roster/swaps"): WRITERS,
    ("POST", "/roster/swaps/{id}"): WRITERS,
    ("GET", "/calendar/{token}/roster.ics"): EVERYONE,
    ("GET", "/roster.ics"): READERS,
    ("POST", "/roster/links"): WRITERS,
    ("POST", "/roster/import"): WRITERS,
    ("POST", "/roster/imports/{id}/undo"): WRITERS,
    ("POST", "/me/zone"): READERS,
    ("GET", "/planner"): LEADS,
    ("GET", "/wall"): READERS,
}

_READ = Entry("roster:read", READERS)
_OWN = Entry("roster:write", WRITERS)

CALLS: dict[tuple[str, str], Entry] = {
    ("GET", "/api/v1/roster"): _READ,
    ("GET", "/api/v1/roster/now"): _READ,
    ("GET", "/api/v1/plan"): Entry("roster:read", LEADS),
    ("GET", "/api/v1/roster/cover"): _READ,
    ("POST", "/api/v1/roster"): Entry("roster:write", LEADS),
    ("POST", "/api/v1/roster/absences"): _OWN,
    ("POST", "/api/v1/roster/absences/{id}/withdraw"): _OWN,
    ("POST", "/api/v1/roster/swaps"): _OWN,
    ("POST", "/api/v1/roster/swaps/{id}"): _OWN,
    ("GET", "/api/v1/roster.ics"): _READ,
    ("GET", "/api/v1/roster/links"): _READ,
    ("POST", "/api/v1/roster/links"): _OWN,
    ("POST", "/api/v1/roster/links/end"): _OWN,
    ("GET", "/api/v1/roster/imports"): _READ,
    ("POST", "/api/v1/roster/imports"): _OWN,
    ("POST", "/api/v1/roster/imports/{id}/undo"): _OWN,
}
