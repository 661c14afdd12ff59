"""The base of every part of a SoC description: frozen, strict, with a source for each of its numbers."""

from __future__ import annotations

from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    field_validator,
    model_validator,
)

from socsim.hardware.messages import problem, readable, unknown_key


class Part(BaseModel):
    """Unknown keys are errors. `sources` maps a key of this part, or `"*"` for all others, to where its number is from:
    a citation, `calibrated on ...`, `assumed`, or `general knowledge, unverified`.

    One entry of a table has a source of its own under `table.entry`; an empty text counts as no source.
    """

    # a part's validator is built where one is first validated on its own, which most are not: they belong to a chip's
    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=False, allow_inf_nan=False, defer_build=True
    )

    sources: dict[str, str] = Field(
        default_factory=dict, description="where each number is from, by key; '*': the rest"
    )

    def source_of(self, key: str) -> str | None:
        """Where the number under `key` (or `table.entry`) comes from."""
        for candidate in (key, key.partition(".")[0], "*"):
            if candidate in self.sources:
                return self.sources[candidate] or None
        return None

    def numbers(self) -> dict[str, Any]:
        """The numbers that were set explicitly, i.e. those that need a source; entries of tables as `table.entry`."""
        found: dict[str, Any] = {}
        for key in sorted(self.model_fields_set - {"sources"}):
            value = getattr(self, key)
            if isinstance(value, dict):
                found |= {f"{key}.{entry}": item for entry, item in value.items() if _is_number(item)}
            elif _is_number(value):
                found[key] = value
        return found

    @field_validator("sources")
    @classmethod
    def _sources_describe_keys(cls, sources: dict[str, str]) -> dict[str, str]:
        known = [key for key in cls.model_fields if key != "sources"]
        strangers = [key for key in sources if key != "*" and key.partition(".")[0] not in known]
        if strangers:
            raise ValidationError.from_exception_data(
                cls.__name__, [problem("unknown_key", unknown_key(key, known), (key,)) for key in strangers]
            )
        return sources

    @model_validator(mode="wrap")
    @classmethod
    def _say_it_readably(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            raise readable(error, cls.__name__, list(cls.model_fields)) from None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
