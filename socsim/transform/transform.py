"""What a transform is: its parameters as a strict model, and one method from workload to workload."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator

from socsim.hardware.messages import readable
from socsim.registry import Registry
from socsim.workload import Workload


class Transform(BaseModel, ABC):
    """One step of a transform file: `name: {parameter: value}`. Unknown parameters are errors.

    A transform returns a new workload and never changes the one it is given; it says in `source` what it did.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @abstractmethod
    def apply(self, workload: Workload) -> Workload:
        """The transformed workload; `WorkloadError` where this one cannot be transformed so."""

    @model_validator(mode="wrap")
    @classmethod
    def _say_it_readably(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            raise readable(error, cls.__name__, list(cls.model_fields)) from None


transforms: Registry[type[Transform]] = Registry("transform")
