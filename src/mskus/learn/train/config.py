"""One typed YAML file that says all of a training run; what is wrong in it is named entry by entry."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from mskus.errors import LearnError
from mskus.learn.augment.recipe import Augmentation
from mskus.learn.near_duplicates import COPY
from mskus.learn.yaml_file import read_entries

SUPERFICIAL, DEEP = "superficial_aponeurosis", "deep_aponeurosis"
Task = Literal["segmentation", "classification", "orientation", "pretraining"]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DataConfig(_Section):
    """What is learned from.

    Attributes:
        manifest: table of pictures, see :mod:`mskus.learn.manifest`.
        simulator: ``muscle`` for simulated pictures without end in place of, or beside, a manifest.
        simulated: how many different phantoms an epoch draws from; kept on disk in the output folder.
        simulated_anew: how many of them each epoch replaces by new ones; with 0 they stay the same.
        simulated_share: share of an epoch that is simulated where there is a manifest too.
        fat_layer: chance that a real muscle is laid under the fat of a simulated one (see
            :mod:`mskus.learn.fat_layer`); needs the simulator and both aponeuroses among the classes.
        paste: chance that structures of another training picture are pasted in (see
            :mod:`mskus.learn.augment.paste`).
        keep_in_view: least share of a structure's extent across the picture that a random view keeps, by class.
        classes: names of the structures and their numbers in the mask pictures; a negative number says that no mask
            shows the structure, which then has no loss.
        label: column of the class to predict (classification).
        patient: column that says who; never split.
        labelled: column that lists, separated by blanks, which classes a row's mask shows; empty means all.
        ignore: numbers in masks that mean nothing.
        size: ``(H, W)`` of the network's input, multiples of 32.
        crop: ``content`` cuts black borders off (:func:`mskus.reading.content_box.content_box`); ``none`` does not.
        intensity: ``unit`` divides grey levels by 255; ``robust`` scales by percentiles of each picture.
        unlabelled_share: share of a batch drawn from rows without a mask (semi-supervised).
        balance: an epoch draws ``pictures`` alike, ``patients`` alike, or ``classes`` alike (classification).
        by_patient: judge a classification patient by patient.
        clip_length: frames of an example, for a clip network; rows are then frames of clips.
        clip: column that says which clip a picture is a frame of, in the order of the column ``frame``; rows that name
            a clip file need none.
        workers: processes that prepare examples.
    """

    manifest: Path | None = None
    simulator: Literal["muscle"] | None = None
    simulated: Count = 256
    simulated_anew: Annotated[int, Field(ge=0)] = 0
    simulated_share: Share = 0.5
    fat_layer: Share = 0.0
    paste: Share = 0.0
    keep_in_view: dict[str, Share] = {}
    classes: dict[str, int] = {}
    label: str | None = None
    patient: str = "patient"
    labelled: str | None = None
    ignore: tuple[int, ...] = ()
    size: tuple[Count, Count] = (256, 256)
    crop: Literal["none", "content"] = "none"
    intensity: Literal["unit", "robust"] = "unit"
    unlabelled_share: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    balance: Literal["pictures", "patients", "classes"] = "pictures"
    by_patient: bool = False
    clip_length: Annotated[int, Field(ge=2)] | None = None
    clip: str = "clip"
    workers: Annotated[int, Field(ge=0)] = 1

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.manifest is None and self.simulator is None:
            raise ValueError("name a manifest or a simulator")
        if any(side % 32 for side in self.size):
            raise ValueError(f"size {self.size} must be multiples of 32")
        if self.fat_layer and (self.simulator is None or not {SUPERFICIAL, DEEP} <= set(self.classes)):
            raise ValueError(f"fat_layer needs simulator: muscle and the classes {SUPERFICIAL} and {DEEP}")
        unknown = sorted(set(self.keep_in_view) - set(self.classes))
        if unknown:
            raise ValueError(f"keep_in_view names {unknown[0]!r}, which is not among the classes")
        if self.simulated_anew > self.simulated:
            raise ValueError(f"simulated_anew cannot exceed simulated, {self.simulated}")
        return self


class NetworkConfig(_Section):
    """Which network.

    Attributes:
        name: one of ``mskus.learn.networks.NETWORKS``, or of MONAI as ``monai.SegResNet``.
        weights: what to begin with: ``best.pt`` of another run, or the name of a shipped network (or of one of the
            user's own); layers that fit by name and shape are taken.
        options: further arguments of the network.
    """

    name: str = "small_unet"
    weights: Path | None = None
    options: dict[str, Any] = {}


class DiscriminatorConfig(_Section):
    """The network that learns to tell drawn masks from found ones.

    Attributes:
        channels: features at 1/2, 1/4, 1/8 ... of the picture.
        rate: highest learning rate; it rises and falls with the segmentation network's.
        drawn: what it should say of drawn masks; below 1 it stays unsure.
    """

    channels: tuple[Count, ...] = (32, 64, 96, 128)
    rate: Annotated[float, Field(gt=0.0)] = 2e-4
    drawn: Annotated[float, Field(gt=0.5, le=1.0)] = 0.9


class LossConfig(_Section):
    """What is made small.

    Attributes:
        terms: weight of each of ``bce, dice, focal, boundary, cldice`` (segmentation).
        class_weights: weight of a class by name; 1 where it is not named.
        consistency: weight of the agreement with the averaged network on all pictures (mean teacher); 0 is off.
        ramp_epochs: epochs over which the consistency grows to its weight.
        masked: share of the picture that pre-training hides.
        adversarial: weight of what a discriminator says of the found masks; 0 is off.
        discriminator: how it is made, see :class:`DiscriminatorConfig`.
    """

    terms: dict[Literal["bce", "dice", "focal", "boundary", "cldice"], Annotated[float, Field(ge=0.0)]] = {
        "bce": 5.0,
        "dice": 1.0,
    }
    class_weights: dict[str, Annotated[float, Field(gt=0.0)]] = {}
    consistency: Annotated[float, Field(ge=0.0)] = 0.0
    ramp_epochs: Annotated[int, Field(ge=0)] = 5
    masked: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.5
    adversarial: Annotated[float, Field(ge=0.0)] = 0.0
    discriminator: DiscriminatorConfig = DiscriminatorConfig()


class ScheduleConfig(_Section):
    """How long, how fast, on what.

    Attributes:
        epochs: at most so many.
        steps_per_epoch: optimiser steps of an epoch; one pass through the data where it is not given.
        batch: pictures a step and device.
        rate: highest learning rate, reached after the warm-up, then falling to a hundredth along a cosine.
        decay: weight decay of AdamW.
        warm_up: share of all steps in which the rate rises.
        averaging: decay of the exponential moving average of the weights; 0 is off.
        clip: longest gradient.
        patience: validations (every ``validate_every`` epochs) without a better figure before stopping; 0 never does.
        keep: ``best`` keeps the weights of the epoch with the best figure, on ``split.inner`` where it is given, else
            on the held-out part, whose figures are then too good; ``last`` keeps the last and looks once, at the end.
        validate_every: epochs between validations.
        precision: of Lightning; ``auto`` is half precision where the processor or card computes it fast, else single.
        freeze_statistics: keep the running statistics of batch normalisation as they are (fine-tuning on few pictures).
        accelerator, devices, num_nodes, strategy: of Lightning.
        threads: of the training process on a processor; 0 leaves it to torch.
    """

    epochs: Count = 50
    steps_per_epoch: Count | None = None
    batch: Count = 16
    rate: Annotated[float, Field(gt=0.0)] = 3e-3
    decay: Annotated[float, Field(ge=0.0)] = 1e-3
    warm_up: Share = 0.05
    averaging: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.99
    clip: Annotated[float, Field(gt=0.0)] = 5.0
    patience: Annotated[int, Field(ge=0)] = 0
    keep: Literal["best", "last"] = "best"
    validate_every: Count = 1
    precision: Annotated[
        Literal["auto", "32", "bf16-mixed", "16-mixed"],
        BeforeValidator(lambda given: "32" if given == 32 else given),  # YAML reads 32 as a number
    ] = "auto"
    freeze_statistics: bool = False
    accelerator: str = "auto"
    devices: int | list[int] | Literal["auto"] = 1
    num_nodes: Count = 1
    strategy: str = "auto"
    threads: Annotated[int, Field(ge=0)] = 0


class SplitConfig(_Section):
    """What is held out.

    Attributes:
        folds: number of folds by patient; 0 trains on everything and keeps the last weights.
        fold: which one is held out, or ``all`` for one run after another.
        seed: of the shuffle.
        column: hold out by this column in place of folds.
        held_out: values of the column that are held out.
        inner: share of the training patients (labelled ones, at least one) that choose the epoch in place of the
            held-out part, which is then looked at once, at the end.
        copies_at: a training and a held-out picture that correlate so highly (see :mod:`mskus.learn.near_duplicates`)
            are the same picture, and stop the run; 1 is off. ``mskus dataset check`` looks closer.
    """

    folds: Annotated[int, Field(ge=0)] = 5
    fold: Annotated[int, Field(ge=0)] | Literal["all"] = 0
    seed: Seed = 0
    column: str | None = None
    held_out: tuple[str | int, ...] = ()
    inner: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    copies_at: Annotated[float, Field(gt=0.0, le=1.0)] = COPY

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.folds == 1:
            raise ValueError("one fold leaves nothing to train on; give 0 (no validation) or 2 and more")
        if isinstance(self.fold, int) and self.folds and self.fold >= self.folds:
            raise ValueError(f"fold {self.fold} of {self.folds}; they are counted from 0")
        if (self.column is None) != (not self.held_out):
            raise ValueError("column and held_out go together")
        return self


class OutputConfig(_Section):
    """Where it goes.

    Attributes:
        folder: of the run: ``best.pt``, ``last.ckpt``, ``config.yaml``, ``metrics.csv``, ``split.csv``, ``scores.csv``.
        tensorboard: write its logs too, where it is installed.
        progress: a bar on the error stream.
    """

    folder: Path
    tensorboard: bool = True
    progress: bool = False


class TrainConfig(_Section):
    """All of a run; see the sections."""

    task: Task = "segmentation"
    seed: Seed = 0
    data: DataConfig
    network: NetworkConfig = NetworkConfig()
    loss: LossConfig = LossConfig()
    augmentation: Augmentation = Augmentation()
    schedule: ScheduleConfig = ScheduleConfig()
    split: SplitConfig = SplitConfig()
    output: OutputConfig

    @property
    def looks_once(self) -> bool:
        """Whether nothing is chosen by the held-out part, so that its figures hold for new patients."""
        schedule = self.schedule
        chooses = schedule.patience > 0 or (schedule.keep == "best" and schedule.validate_every < schedule.epochs)
        return self.split.inner > 0 or not chooses

    @model_validator(mode="after")
    def _fits_its_task(self) -> Self:
        if self.task == "segmentation" and not self.data.classes:
            raise ValueError("data.classes is needed for segmentation, like {nerve: 1, vessel: 2}")
        if self.task == "classification" and self.data.label is None:
            raise ValueError("data.label is needed for classification: the column of the class")
        unknown = sorted(set(self.loss.class_weights) - set(self.data.classes))
        if self.task == "segmentation" and unknown:
            raise ValueError(f"loss.class_weights names {unknown[0]!r}, which is not among data.classes")
        if self.data.manifest is None and self.task not in ("segmentation", "orientation"):
            raise ValueError("data.simulator teaches segmentation and orientation; give a manifest for other tasks")
        if self.task == "orientation" and self.data.crop != "none":
            raise ValueError("data.crop is not for orientation, whose pictures keep their scale; leave it out")
        if self.task == "orientation" and self.augmentation != Augmentation():
            raise ValueError(
                "augmentation is fixed for orientation, where angles must turn with the picture; leave it out"
            )
        if self.data.unlabelled_share and not self.loss.consistency:
            raise ValueError("data.unlabelled_share needs loss.consistency above 0, else those pictures teach nothing")
        if self.data.clip_length and self.task not in ("segmentation", "classification"):
            raise ValueError("data.clip_length is for segmentation and classification")
        mixes = bool(self.data.paste or self.data.fat_layer or self.data.keep_in_view)
        if self.data.clip_length and (self.loss.adversarial or self.loss.consistency or self.data.simulator):
            raise ValueError("clips go without loss.adversarial, loss.consistency and data.simulator; leave these out")
        if (self.data.paste or self.data.fat_layer) and self.data.manifest is None:
            raise ValueError("data.paste and data.fat_layer change real pictures; name a manifest, or leave them out")
        if mixes and (self.data.clip_length or self.task != "segmentation"):
            raise ValueError("data.paste, data.fat_layer and data.keep_in_view are for segmentation of single pictures")
        if self.loss.adversarial and self.task != "segmentation":
            raise ValueError("loss.adversarial judges masks; it needs the task segmentation")
        if self.loss.consistency and not (self.schedule.averaging and self.task == "segmentation"):
            raise ValueError("loss.consistency needs schedule.averaging (the teacher) and the task segmentation")
        return self


def read_config(
    path: str | Path, *, settings: Sequence[tuple[str, Any]] = (), model: type[TrainConfig] = TrainConfig
) -> TrainConfig:
    """Read a run's YAML file; paths in it are relative to its folder.

    Args:
        path: the file.
        settings: entries that overrule the file's, like ``("schedule.epochs", 3)``.
        model: what the file holds: a run, or something that has all of a run and more.

    Raises:
        LearnError: naming the first entry that is wrong.
    """
    path = Path(path)
    given = read_entries(path, example="task: segmentation")
    for name, value in settings:
        _set(given, name.split("."), value, whole=name)
    config = checked_config(given, source=str(path), model=model)
    return config.model_copy(
        update={
            "data": config.data.model_copy(update={"manifest": _beside(path, config.data.manifest)}),
            "network": config.network.model_copy(
                update={
                    "weights": _first_weights(path, config.network.weights),
                    "options": _files_beside(path, config.network.options),
                }
            ),
            "output": config.output.model_copy(update={"folder": _beside(path, config.output.folder)}),
        }
    )


def checked_config(given: dict[str, Any], *, source: str, model: type[TrainConfig] = TrainConfig) -> TrainConfig:
    """The typed configuration.

    Raises:
        LearnError: naming the first entry that is wrong.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        entry = ".".join(map(str, first["loc"]))
        said = "is not an entry that exists" if first["type"] == "extra_forbidden" else first["msg"]
        said = said.removeprefix("Value error, ")
        raise LearnError(f"{source}: {entry + ': ' if entry else ''}{said}.") from error


def write_config(config: TrainConfig, path: Path) -> None:
    """Write it as YAML with absolute paths, so that it says all and can be run again."""
    import yaml

    made = config.model_copy(
        update={
            "data": config.data.model_copy(update={"manifest": _absolute(config.data.manifest)}),
            "network": config.network.model_copy(update={"weights": _named_or_absolute(config.network.weights)}),
            "output": config.output.model_copy(update={"folder": _absolute(config.output.folder)}),
        }
    )
    path.write_text(yaml.safe_dump(made.model_dump(mode="json"), sort_keys=False), encoding="utf-8")


def _set(given: dict[str, Any], names: list[str], value: Any, *, whole: str) -> None:
    for name in names[:-1]:
        given = given.setdefault(name, {})
        if not isinstance(given, dict):
            raise LearnError(f"--set {whole}: {name!r} is a value, not a section.")
    given[names[-1]] = value


def _beside(path: Path, named: Path | None) -> Path | None:
    return None if named is None else path.parent / named


def _files_beside(path: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Options of a network; one that names a JSON file (a genotype) is relative to the configuration too."""
    return {
        name: str((path.parent / value).absolute()) if isinstance(value, str) and value.endswith(".json") else value
        for name, value in options.items()
    }


def names_a_model(weights: Path) -> bool:
    """Whether first weights are those of a shipped network, or of one of the user's own, by its name."""
    from mskus.models.cards import available

    return len(weights.parts) == 1 and not weights.suffix and weights.name in available()


def _first_weights(path: Path, named: Path | None) -> Path | None:
    return named if named is None or names_a_model(named) else _beside(path, named)


def _named_or_absolute(named: Path | None) -> Path | None:
    return named if named is None or names_a_model(named) else _absolute(named)


def _absolute(path: Path | None) -> Path | None:
    return None if path is None else path.absolute()
