"""Writes the few shapes of TOML that policies and calendars are made of; `tomllib` reads them."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

BARE = re.compile(r"[A-Za-z0-9_-]+")


def written(document: Mapping[str, Any]) -> str:
    """Strings, numbers, booleans and lists first, then tables and lists of tables (one level)."""
    plain = {k: v for k, v in document.items() if not isinstance(v, Mapping) and not _tables(v)}
    parts = [_lines(plain)] if plain else []
    for key, value in document.items():
        if isinstance(value, Mapping):
            parts.append(f"[{_key(key)}]\n{_lines(value)}")
        elif _tables(value):
            parts += [f"[[{_key(key)}]]\n{_lines(row)}" for row in value]
    return "\n".join(parts)


def _tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in table.items())


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _text(key)


def _value(value: str | bool | int | Sequence[Any]) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return f"[{', '.join(map(_value, value))}]"


def _text(text: str) -> str:
    """A JSON string is a TOML string, but for the one control that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
