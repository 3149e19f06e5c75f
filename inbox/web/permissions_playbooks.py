"""Who may read, write and tick playbooks: a part of the table in `inbox.web.permissions`."""

from inbox.web.roles import LEADS, READERS, WRITERS, Entry

PAGES: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/playbooks"): READERS,
    ("GET", "/playbooks.jsonl"): READERS,
    ("POST", "/playbooks/import"): LEADS,
    ("POST", "/playbooks/adopt"): LEADS,
    ("GET", "/playbooks/edit"): READERS,
    ("POST", "/playbooks/edit"): LEADS,
    ("POST", "/conversations/{id}/playbook"): WRITERS,
}

CALLS: dict[tuple[str, str], Entry] = {
    ("GET", "/api/v1/playbooks"): Entry("answers:read", READERS),
    ("POST", "/api/v1/playbooks"): Entry("answers:write", LEADS),
    ("POST", "/api/v1/playbooks/remove"): Entry("answers:write", LEADS),
    ("POST", "/api/v1/playbooks/restore"): Entry("answers:write", LEADS),
    ("GET", "/api/v1/conversations/{id}/playbook"): Entry("conversations:read", READERS),
    ("POST", "/api/v1/conversations/{id}/playbook"): Entry("conversations:write", WRITERS),
}
