"""JSON Schema of hardware files, for completion and checks in editors.

A file may extend another and then says only what differs, so no key is required here except the `name` of an entry of
a list; whether a description is complete is for `socsim hw check` to say.
"""

from __future__ import annotations

import copy
from typing import Any

from socsim.hardware.fabric import FabricGenerator, fabrics
from socsim.hardware.soc import Soc
from socsim.hardware.unit import UnitKinds, UnitParams

Schema = dict[str, Any]

_ENTRY_KEYS: Schema = {
    "remove": {"const": True, "description": "take the inherited entry of this name away"},
    "like": {"type": "string", "description": "start from the entry of this name, inherited or standing before"},
}
_EXTENDS: Schema = {
    "type": "string",
    "description": "what this file starts from: another file, relative to this one, or the name of a shipped chip",
    "examples": ["../family/m1.yaml", "apple/m1"],
}


def hardware_schema(unit_models: UnitKinds) -> Schema:
    """The schema of a hardware file with the registered kinds of unit."""
    soc = Soc.model_json_schema()
    kinds = {kind: model.Params.model_json_schema() for kind, model in unit_models.items()}
    parts = soc.pop("$defs")
    for schema in kinds.values():
        parts |= schema.pop("$defs", {})
    for value in soc["properties"].values():
        entry = value.get("items", {}).get("$ref", "").rpartition("/")[2]
        if "name" in parts.get(entry, {}).get("properties", {}):
            parts[entry] = _entry(parts[entry])
            value.pop("minItems", None)
    definitions = {name: _relaxed(part) for name, part in sorted(parts.items()) if name != UnitParams.__name__}
    kinds = {kind: _relaxed(_entry(schema)) for kind, schema in kinds.items()}
    for kind, schema in kinds.items():
        schema["properties"]["kind"] = {"const": kind, "description": f"a unit of kind '{kind}'"}
        schema["required"] = ["name", "kind"]
        definitions[f"unit_{kind}"] = schema
    definitions["unit_inherited"] = _inherited(kinds)
    choices = [f"unit_{kind}" for kind in kinds] + ["unit_inherited"]
    definitions[UnitParams.__name__] = {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in choices]}
    definitions[FabricGenerator.__name__] = _fabrics()
    soc["properties"] = {"extends": _EXTENDS, **soc["properties"]}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        **_relaxed(soc),
        "title": "socsim hardware description",
        "description": "Units, the links between them, caches and memory of a chip, with a source for each number.",
        "$defs": definitions,
    }


def _fabrics() -> Schema:
    """A regular fabric, by its kind."""
    choices = []
    for kind, generator in fabrics.items():
        schema = _relaxed(generator.model_json_schema())
        schema["properties"]["kind"] = {"const": kind, "description": f"a fabric of kind '{kind}'"}
        schema["required"] = ["kind"]
        choices.append(schema)
    return {"oneOf": choices}


def _relaxed(schema: Schema) -> Schema:
    """A model's schema for a file that may be partial: nothing required but the name of an entry, `null` allowed (it
    forgets what is inherited), pairs written as draft 7 has them, no defaults in base units."""
    relaxed = copy.deepcopy(schema)
    relaxed["required"] = ["name"] if "remove" in relaxed.get("properties", {}) else []
    for key, value in relaxed.get("properties", {}).items():
        value.pop("title", None)
        if isinstance(value.get("default"), int | float) and "pattern" in value:
            value.pop("default")
        if "prefixItems" in value:
            value["items"] = value.pop("prefixItems")[0]
        if key in ("name", "sources", *_ENTRY_KEYS, "extends") or "$ref" in value or "anyOf" in value:
            continue
        about = {word: value.pop(word) for word in ("description", "default", "examples") if word in value}
        relaxed["properties"][key] = {**about, "anyOf": [value, {"type": "null"}]}
    return relaxed


def _entry(schema: Schema) -> Schema:
    """A model's schema as an entry of a list that merges by name."""
    return {**schema, "properties": {**schema["properties"], **copy.deepcopy(_ENTRY_KEYS)}}


def _inherited(kinds: dict[str, Schema]) -> Schema:
    """An entry that changes an inherited unit: keys of any kind, but no `kind`."""
    properties: Schema = {}
    for schema in kinds.values():
        for key, value in schema["properties"].items():
            if key == "kind":
                continue
            known = properties.setdefault(key, [])
            if value not in known:
                known.append(value)
    return {
        "type": "object",
        "description": "changes to an inherited unit; a new one says its kind",
        "properties": {key: found[0] if len(found) == 1 else {"anyOf": found} for key, found in properties.items()},
        "required": ["name"],
        "additionalProperties": False,
    }
