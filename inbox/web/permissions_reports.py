"""Who may read, keep, prove, share and mail reports: rows of the one table in `permissions`.

A mail names customers of every team, so only who sees every team looks at one beforehand, or says
who gets it.
"""

from inbox.web.roles import ADMINS, EVERYONE, LEADS, READERS, Entry

PAGES: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/reports"): READERS,
    ("GET", "/reports/{day}"): READERS,
    ("POST", "/reports/evidence"): LEADS,
    ("GET", "/reports/behind"): READERS,
    ("GET", "/reports.csv"): READERS,
    ("GET", "/reports.json"): READERS,
    ("GET", "/reports.pdf"): READERS,
    ("GET", "/reports/editions"): READERS,
    ("POST", "/reports/editions"): LEADS,
    ("GET", "/reports/links"): LEADS,
    ("POST", "/reports/links"): LEADS,
    ("POST", "/reports/links/{id}/revoke"): LEADS,
    ("POST", "/reports/links/{id}/restore"): LEADS,
    ("POST", "/reports/links/{id}/renew"): LEADS,
    ("GET", "/shared/reports/{token}"): EVERYONE,
    ("GET", "/reports/mails"): READERS,
    ("GET", "/reports/mails/preview"): ADMINS,
    ("POST", "/reports/mails/test"): ADMINS,
    ("POST", "/reports/mails/{id}/again"): ADMINS,
    ("POST", "/reports/recipients"): ADMINS,
    ("POST", "/reports/recipients/{id}"): ADMINS,
    ("POST", "/reports/recipients/{id}/remove"): ADMINS,
    ("POST", "/reports/recipients/{id}/restore"): ADMINS,
}

_READ = Entry("reports:read", READERS)
_LEADING = Entry("reports:write", LEADS)
_MAILING = Entry("reports:write", ADMINS)

CALLS: dict[tuple[str, str], Entry] = {
    ("GET", "/api/v1/reports"): _READ,
    ("GET", "/api/v1/reports/evidence"): Entry("reports:read", LEADS),
    ("GET", "/api/v1/reports/editions"): _READ,
    ("POST", "/api/v1/reports/editions"): _LEADING,
    ("GET", "/api/v1/reports/links"): Entry("reports:read", LEADS),
    ("POST", "/api/v1/reports/links"): _LEADING,
    ("POST", "/api/v1/reports/links/{id}/revoke"): _LEADING,
    ("POST", "/api/v1/reports/links/{id}/restore"): _LEADING,
    ("POST", "/api/v1/reports/links/{id}/renew"): _LEADING,
    ("GET", "/api/v1/reports/recipients"): _READ,
    ("POST", "/api/v1/reports/recipients"): _MAILING,
    ("POST", "/api/v1/reports/recipients/{id}"): _MAILING,
    ("POST", "/api/v1/reports/recipients/{id}/remove"): _MAILING,
    ("POST", "/api/v1/reports/recipients/{id}/restore"): _MAILING,
    ("GET", "/api/v1/reports/mails"): _READ,
    ("GET", "/api/v1/reports/mails/preview"): Entry("reports:read", ADMINS),
    ("POST", "/api/v1/reports/mails/test"): _MAILING,
    ("POST", "/api/v1/reports/mails/{id}/again"): _MAILING,
}
