"""What a user may set in the nerve exam."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mskus.exams.settings import ExamSettings

BodyRegion = Literal["supraclavicular", "axillary", "elbow", "femoral", "popliteal", "wrist"]
# regions of the pictures that the network learned from
LEARNED_REGIONS: tuple[str, ...] = ("supraclavicular", "axillary", "elbow", "femoral", "popliteal")


class StiffnessScale(BaseModel):
    """The colour bar of an elastogram, whose numbers are not read from the picture."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    low: float
    high: float
    unit: Literal["kPa", "m/s", "1"] = "kPa"
    opacity: float | None = Field(default=None, ge=0.05, le=1.0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"the bar runs from {self.low:g} to {self.high:g}; give the lower value first")
        return self


class NerveSettings(ExamSettings):
    """Settings of the nerve exam.

    Attributes:
        region: where the probe was, as the user names it.
        network: name of the network; the shipped one by default.
        threshold: least probability of what counts as nerve or vessel.
        least_share: smallest part that counts, as a share of the picture; on held-out pictures smaller ones were hardly
            ever what a person had drawn.
        track: follow nerves and vessels through a clip; off measures each frame alone, without identities over time.
        smooth: smooth tracked outlines over time.
        bridge_frames: longest loss in frames that is bridged by the outlines before and after it.
        memory_frames: longest loss after which a nerve is still taken for the same.
        least_seen: share of a clip's frames in which a thing must be seen to count, three at least (of two or three
            frames half); 0 takes all that is seen. What is seen in fewer is taken for a flicker of the
            network. Lower it for a sweep that passes a nerve quickly.
        refuse: withhold everything from pictures unlike those that the network learned from; off only warns.
        stiffness: scale of the elastogram's colour bar, for the mean stiffness of each nerve.
    """

    exam: ClassVar[str] = "nerve"

    region: BodyRegion | None = None
    network: str = "nerve"
    threshold: float = Field(default=0.5, gt=0.0, lt=1.0)
    least_share: float = Field(default=0.003, ge=0.0, le=0.5)
    track: bool = True
    smooth: bool = True
    bridge_frames: int = Field(default=8, ge=0, le=100)
    memory_frames: int = Field(default=90, ge=0)
    least_seen: float = Field(default=0.05, ge=0.0, le=1.0)
    refuse: bool = True
    stiffness: StiffnessScale | None = None
