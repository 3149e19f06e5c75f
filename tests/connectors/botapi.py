"""Holds what we send and what our fake answers against a machine-readable Bot API description."""

import json
import os
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]
PLAIN: dict[str, tuple[type, ...]] = {
    "Integer": (int,),
    "Float": (int, float),
    "String": (str,),
    "Boolean": (bool,),
    "InputFile": (str,),
}


def wrong_request(method: str, params: Json, files: Collection[str] = ()) -> list[str]:
    """What is wrong with the parameters of a method; `files` came beside them in the form."""
    described = _api()["methods"].get(method)
    if described is None:
        return [f"no method {method}"]
    given = {
        **params,
        **dict.fromkeys(set(files) & {f["name"] for f in described.get("fields", [])}, "file"),
    }
    return _wrong(described, given, method)


def wrong_result(method: str, result: Any) -> list[str]:
    """What is wrong with what a method answered."""
    return _wrong_value(_api()["methods"][method]["returns"], result, method)


def wrong_type(name: str, value: Any) -> list[str]:
    """What is wrong with a value of a type such as `Update`."""
    return _wrong_value([name], value, name)


def service_fields() -> set[str]:
    """The fields of a message by which the platform itself speaks."""
    fields = _api()["types"]["Message"]["fields"]
    return {f["name"] for f in fields if "ervice message" in f["description"]}


@cache
def _api() -> Json:
    folder = os.environ.get("REPLYDESK_CONTRACTS")
    if not folder:
        pytest.skip("REPLYDESK_CONTRACTS names no folder of the platforms' own descriptions")
    read: Json = json.loads((Path(folder) / "telegram" / "api.min.json").read_text("utf-8"))
    return read


def _wrong(described: Json, given: Json, where: str) -> list[str]:
    fields = {f["name"]: f for f in described.get("fields", [])}
    missing = [n for n, f in fields.items() if f["required"] and n not in given]
    found = [f"{where}: {n} is missing" for n in missing]
    found += [f"{where}: {n} is unknown" for n in given.keys() - fields.keys()]
    for name in given.keys() & fields.keys():
        found += _wrong_value(fields[name]["types"], given[name], f"{where}.{name}")
    return found


def _wrong_value(types: list[str], value: Any, where: str) -> list[str]:
    """The complaints under the type that fits best."""
    tried = [_wrong_as(name, value, where) for name in types]
    return min(tried, key=len)


def _wrong_as(name: str, value: Any, where: str) -> list[str]:
    if name.startswith("Array of "):
        if not isinstance(value, list):
            return [f"{where} is no list"]
        inner = name.removeprefix("Array of ")
        return [w for n, v in enumerate(value) for w in _wrong_value([inner], v, f"{where}[{n}]")]
    if name in PLAIN:
        fits = isinstance(value, PLAIN[name]) and (name == "Boolean" or not isinstance(value, bool))
        return [] if fits else [f"{where} is no {name}"]
    described = _api()["types"][name]
    if described.get("subtypes"):
        return _wrong_value(described["subtypes"], value, where)
    return _wrong(described, value, where) if isinstance(value, dict) else [f"{where} is no {name}"]
