"""JSON Schema of scenario files, for completion and checks in editors. The reader says the last word."""

from __future__ import annotations

import re
from typing import Any

from socsim.hardware.fields import PRECISIONS
from socsim.quantity import EXAMPLES, UNITS

Schema = dict[str, Any]


def scenario_schema() -> Schema:
    """The schema of a scenario file (draft 7)."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "socsim scenario",
        "description": "Streams of requests that run at the same time on one chip.",
        **_object(
            {
                "name": _text("short name; default: the file's"),
                "description": _text("one line for people"),
                "duration": {**_TIME, "description": "no stream begins a request after this"},
                "warm_up": _WARM_UP,
                "streams": {
                    "type": "object",
                    "description": "what runs, by name",
                    "minProperties": 1,
                    "additionalProperties": {"$ref": "#/definitions/stream"},
                },
            },
            ("streams",),
        ),
        "definitions": {
            "stream": _STREAM,
            "arrival": _ARRIVAL,
            "steps": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/step"}},
            "step": {"oneOf": [_RUN, _GENERATE, _SYNTHETIC, _PAUSE, _REPEAT, _BRANCH]},
        },
    }


def _object(properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _text(description: str) -> Schema:
    return {"type": "string", "description": description}


def _quantity(*dimensions: str) -> Schema:
    units = "|".join(re.escape(unit) for dimension in dimensions for unit in UNITS[dimension])
    number = r"[0-9][0-9_]*(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?"
    return {
        "type": "string", "pattern": rf"^\s*{number}\s*({units})\s*$",
        "examples": [EXAMPLES[dimension] for dimension in dimensions],
    }  # fmt: skip


def _whole(minimum: int, description: str) -> Schema:
    return {"type": "integer", "minimum": minimum, "description": description}


def _distribution(value: Schema) -> Schema:
    pair = {"type": "array", "items": value, "minItems": 2, "maxItems": 2}
    kinds = {"constant": value, "uniform": pair, "exponential": value}
    drawn = {**_object(kinds), "minProperties": 1, "maxProperties": 1}
    return {"anyOf": [value, drawn], "description": "a value, or {uniform: [least, most]}, or {exponential: mean}"}


_TIME = _quantity("time")
_RATE = _quantity("frequency", "time")
_SIZE = _quantity("size")
_UNITS: Schema = {
    "description": "units that it may run on; default: all",
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
}
_WARM_UP: Schema = {
    "description": "requests that fall due before this time, or so many first ones, do not enter the statistics",
    "anyOf": [_TIME, {"type": "integer", "minimum": 0}],
}
_STEPS: Schema = {"$ref": "#/definitions/steps"}
_FORMATS: Schema = {
    "precision": _text("number format of all tensors; default: as traced"),
    "weights": _text("number format of the weights: q4_0, int8, ..."),
}
_MODEL: Schema = {
    **_FORMATS,
    "units": _UNITS,
    "lengths": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
    "name": _text("what the step is called in results"),
}

_COUNTED: Schema = {"type": "integer", "minimum": 1}
_RUN = _object(
    {"run": _text("a workload by name"), "times": _whole(1, "runs one after the other"), **_MODEL}, ("run",)
)  # fmt: skip
_COUNT = _distribution(_COUNTED)
_GENERATE = _object(
    {
        "generate": _text("a language model by name"),
        "prompt": _COUNT,
        "tokens": _COUNT,
        "batch": _whole(1, "sequences side by side"),
        "prefix": _whole(0, "leading prompt tokens that the cache holds already"),
        "chunk": _whole(1, "most prompt tokens of one prefill step; when serving, most tokens of a run"),
        "sample_steps": _whole(2, "decode steps to simulate; each stands for those around it"),
        "draft": _object(
            {
                "model": _text("the draft model; default: drafts are looked up in the prompt and cost nothing"),
                **_FORMATS,
                "length": _whole(1, "tokens drafted per round"),
                "acceptance": {"type": "number", "minimum": 0, "maximum": 1},
                "width": {
                    "description": "candidates per node of a tree, for all levels or one number per level",
                    "anyOf": [_COUNTED, {"type": "array", "minItems": 1, "items": _COUNTED}],
                },
            },
            ("length", "acceptance"),
        ),
        **_MODEL,
    },
    ("generate", "prompt", "tokens"),
)
_SYNTHETIC = _object(
    {
        "synthetic": {**_UNITS, "description": "the unit it keeps busy; of several the first that the chip has"},
        "busy": _distribution(_TIME),
        "read": _SIZE,
        "write": _SIZE,
        "flop": {**_quantity("work"), "description": "arithmetic that it does meanwhile, for its energy"},
        "precision": {"enum": list(PRECISIONS), "description": "of that arithmetic; default: fp16"},
        "name": _text("what it is called in results"),
    },
    ("synthetic", "busy"),
)
_PAUSE = _object({"pause": _distribution(_TIME)}, ("pause",))
_REPEAT = _object({"repeat": _whole(1, "how often"), "steps": _STEPS}, ("repeat", "steps"))
_BRANCH = _object(
    {
        "branch": {
            "type": "array",
            "minItems": 1,
            "items": _object(
                {"probability": {"type": "number", "minimum": 0, "maximum": 1}, "steps": _STEPS},
                ("probability", "steps"),
            ),
        }
    },
    ("branch",),
)
_ARRIVAL: Schema = {
    "description": "when requests fall due; default: once, at the start",
    "oneOf": [
        {"enum": ["once", "closed"]},
        _object({"once": _TIME}, ("once",)),
        _object({"closed": _object({"think": _TIME})}, ("closed",)),
        _object({"periodic": _RATE, "jitter": _TIME, "offset": _TIME}, ("periodic",)),
        _object({"poisson": _RATE}, ("poisson",)),
        _object({"times": {"type": "array", "minItems": 1, "items": _TIME}}, ("times",)),
        _object({"file": _text("one arrival per line, in seconds")}, ("file",)),
        _object({"after": _text("another stream"), "every": _whole(1, "requests of it per one of this")}, ("after",)),
    ],
}
_STREAM = _object(
    {
        "workload": _text("in short for a program of one run"),
        "times": _whole(1, "runs one after the other"),
        **_MODEL,
        "program": _STEPS,
        "arrival": {"$ref": "#/definitions/arrival"},
        "count": _whole(1, "requests in all"),
        "duration": {**_TIME, "description": "no request begins after this"},
        "warm_up": _WARM_UP,
        "priority": {"type": "integer", "description": "larger is more urgent"},
        "deadline": {**_TIME, "description": "from when it counts, see deadline_from"},
        "deadline_from": {"enum": ["arrival", "head"], "description": "head: arrival at the pipeline's first stage"},
        "bandwidth_weight": {"type": "number", "minimum": 1e-3, "maximum": 1e3, "description": "share of busy links"},
        "serving": _object(
            {
                "policy": {"enum": ["continuous", "static"]},
                "max_batch": _whole(1, "requests that run together"),
                "page_tokens": _whole(1, "tokens per page of the cache"),
                "cache": {**_SIZE, "description": "memory of the key-value cache; default: what is free"},
                "shared_prefix": _whole(0, "leading prompt tokens that all requests share"),
                "swap": _text("unit of kind storage that takes the cache of a request that makes room; default: none"),
            }
        ),
    }
)
