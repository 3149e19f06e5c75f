"""Who may read, prove and share reports: rows of the one table in `permissions`."""

from inbox.web.roles import EVERYONE, LEADS, READERS, Entry

PAGES: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/reports"): READERS,
    ("GET", "/reports/{day}"): READERS,
    ("POST", "/reports/evidence"): LEADS,
    ("GET", "/reports/behind"): READERS,
    ("GET", "/reports.csv"): READERS,
    ("GET", "/reports.json"): READERS,
    ("GET", "/reports/links"): LEADS,
    ("POST", "/reports/links"): LEADS,
    ("POST", "/reports/links/{id}/revoke"): LEADS,
    ("POST", "/reports/links/{id}/restore"): LEADS,
    ("POST", "/reports/links/{id}/renew"): LEADS,
    ("GET", "/shared/reports/{token}"): EVERYONE,
}

_SHARING = Entry("reports:write", LEADS)

CALLS: dict[tuple[str, str], Entry] = {
    ("GET", "/api/v1/reports"): Entry("reports:read", READERS),
    ("GET", "/api/v1/reports/evidence"): Entry("reports:read", LEADS),
    ("GET", "/api/v1/reports/links"): Entry("reports:read", LEADS),
    ("POST", "/api/v1/reports/links"): _SHARING,
    ("POST", "/api/v1/reports/links/{id}/revoke"): _SHARING,
    ("POST", "/api/v1/reports/links/{id}/restore"): _SHARING,
    ("POST", "/api/v1/reports/links/{id}/renew"): _SHARING,
}
