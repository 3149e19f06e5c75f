"""Who may read and prove reports, and say who gets them: a part of the table in
`inbox.web.permissions`.

A mail names customers of every team, so only who sees every team looks at one beforehand, or says
who gets it.
"""

from inbox.web.roles import ADMINS, LEADS, READERS, Entry

PAGES: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/reports"): READERS,
    ("GET", "/reports/{day}"): READERS,
    ("POST", "/reports/evidence"): LEADS,
    ("GET", "/reports/behind"): READERS,
    ("GET", "/reports.csv"): READERS,
    ("GET", "/reports.json"): READERS,
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
_MAILING = Entry("reports:write", ADMINS)

CALLS: dict[tuple[str, str], Entry] = {
    ("GET", "/api/v1/reports"): _READ,
    ("GET", "/api/v1/reports/evidence"): Entry("reports:read", LEADS),
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
