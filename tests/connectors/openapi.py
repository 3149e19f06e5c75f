"""Holds bodies against a platform's own OpenAPI file, where `REPLYDESK_CONTRACTS` names them.

OpenAPI's discriminators mean nothing to JSON Schema; here each becomes a choice by that property,
so that a message inside an event is held against the schema of its own kind. Parts of an `allOf`
that are closed (WhatsApp's file) would exclude each other, so they are opened.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

Json = dict[str, Any]
PREFIX = "#/components/schemas/"
ANY = "OfAnyKind"


def contract(path: str) -> Path:
    """A file of the contracts folder; skips the test without one."""
    folder = os.environ.get("REPLYDESK_CONTRACTS")
    if not folder:
        pytest.skip("REPLYDESK_CONTRACTS names no folder of the platforms' own descriptions")
    return Path(folder) / path


def hold(path: str, schema: str, body: Any) -> None:
    """Asserts that `body` is what the file's `schema` (a component's name) says."""
    components = _components(contract(path))
    name = schema + ANY if schema + ANY in components["schemas"] else schema
    whole = {"$ref": PREFIX + name, "components": components}
    wrong = [f"{e.json_path}: {e.message}" for e in Draft202012Validator(whole).iter_errors(body)]
    assert wrong == []


@cache
def _components(path: Path) -> Json:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    components: Json = yaml.load(path.read_text("utf-8"), loader)["components"]
    schemas: Json = components["schemas"]
    bases = {name: s["discriminator"] for name, s in schemas.items() if "discriminator" in s}
    bases = {name: found for name, found in bases.items() if "mapping" in found}
    for schema in schemas.values():
        _point_at_kinds(schema, set(bases), in_all_of=False)
    for name, found in bases.items():
        kinds = [_kind(found["propertyName"], *pair) for pair in found["mapping"].items()]
        schemas[name + ANY] = {"allOf": [{"$ref": PREFIX + name}, *kinds]}
    return components


def _kind(field: str, value: str, schema: str) -> Json:
    told = {"properties": {field: {"const": value}}, "required": [field]}
    return {"if": told, "then": {"$ref": schema}}


def _point_at_kinds(node: Any, bases: set[str], in_all_of: bool) -> None:
    """References to a base mean any of its kinds, except where a kind builds upon its base."""
    if isinstance(node, list):
        for part in node:
            _point_at_kinds(part, bases, in_all_of)
    if not isinstance(node, dict):
        return
    if in_all_of:
        node.pop("additionalProperties", None)
    name = str(node.get("$ref", "")).removeprefix(PREFIX)
    if name in bases and not in_all_of:
        node["$ref"] = PREFIX + name + ANY
    for key, part in node.items():
        _point_at_kinds(part, bases, in_all_of=key == "allOf")
