"""What the settings of all exams have in common: they are checked, and what is wrong is one sentence."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from mskus.errors import ExamError


class ExamSettings(BaseModel):
    """The base of an exam's settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exam: ClassVar[str]

    @classmethod
    def check(cls, settings: dict[str, Any]) -> Self:
        """Validate, with one sentence for what is wrong.

        Raises:
            ExamError: if a setting is unknown or out of range.
        """
        try:
            return cls(**settings)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            if first["type"] == "extra_forbidden":
                wrong = f"there is no such setting; there are: {', '.join(cls.model_fields)}"
            else:
                wrong = first["msg"].removeprefix("Value error, ")
            raise ExamError(f"Setting {where!r} of the {cls.exam} exam: {wrong}.") from None
