"""What all configuration models share: unknown keys are errors, text stays what a person wrote."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict


def _text(value: Any) -> Any:
    """YAML reads 01 and yes as other things than text; keep what a person wrote."""
    if isinstance(value, bool) or value is None:
        return value
    return str(value) if isinstance(value, (int, float)) else value


Text = Annotated[str, BeforeValidator(_text)]
Scalar = bool | int | float | str
Pair = tuple[float, float]


class Model(BaseModel):
    """Base of all configuration models: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)
