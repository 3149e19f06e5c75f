"""Who reads the audit log: a part of the table in `inbox.web.permissions`."""

from inbox.web.roles import AUDITORS, Entry

PAGES: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/audit"): AUDITORS,
    ("GET", "/audit.csv"): AUDITORS,
}

CALLS: dict[tuple[str, str], Entry] = {
    ("GET", "/api/v1/audit"): Entry("audit:read", AUDITORS),
}
