"""What is made of two pictures before one is seen, and views that keep what is drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("lightning")
pytest.importorskip("torch")

from mskus.errors import LearnError
from mskus.learn.augment import Augmentation
from mskus.learn.manifest import Case
from mskus.learn.train.config import TrainConfig, checked_config
from mskus.learn.train.data import Renewed, SegmentationData
from mskus.learn.train.material import gather
from mskus.learn.train.mixing import FatLayers, PastedStructures
from mskus.learn.train.pictures import Picture
from mskus.learn.train.sampler import Draw

from .conftest import tiny

APONEUROSES = {"superficial_aponeurosis": 1, "deep_aponeurosis": 2}


def bands(top: int, bottom: int, *, device: str = "", weights: tuple[float, ...] = (1.0, 1.0)) -> Picture:
    image = np.full((96, 96), 60, np.uint8)
    masks = np.zeros((96, 96, 2), np.uint8)
    for channel, row in enumerate((top, bottom)):
        image[row : row + 4] = 220
        masks[row : row + 4, :, channel] = 255
    return Picture(
        image=image,
        masks=masks,
        weights=np.array(weights, np.float32),
        case=Case(image=Path(f"{device}{top}.png"), patient="p", device=device),
    )


class Always(Renewed[Picture]):
    def __init__(self, picture: Picture) -> None:
        self.picture = picture

    def at(self, epoch: int) -> Picture:
        return self.picture


def test_fat_lies_over_real_muscles_only() -> None:
    donor = Always(bands(30, 70, device="simulation"))
    mix = FatLayers([donor], chance=1.0, superficial=0, deep=1)
    real = bands(6, 40)
    made = mix(real, np.random.default_rng(0), 0)
    assert made.masks is not None
    assert np.nonzero(made.masks[..., 0])[0].min() > 8
    simulated = bands(6, 40, device="simulation")
    assert mix(simulated, np.random.default_rng(0), 0) is simulated
    assert FatLayers([donor], chance=0.0, superficial=0, deep=1)(real, np.random.default_rng(0), 0) is real


def test_a_donor_that_says_less_is_not_pasted() -> None:
    says_all, says_half = bands(20, 60), bands(30, 70, weights=(1.0, 0.0))
    assert PastedStructures([says_half], chance=1.0)(says_all, np.random.default_rng(0), 0) is says_all
    assert PastedStructures([says_all], chance=1.0)(says_all, np.random.default_rng(0), 0) is says_all  # of itself


def test_views_keep_what_they_must() -> None:
    corner = np.zeros((96, 96, 1), np.uint8)
    corner[2:6, :, 0] = 255
    picture = Picture(
        image=corner[..., 0], masks=corner, weights=np.ones(1, np.float32), case=Case(image=Path("a.png"))
    )
    recipe = Augmentation(zoom=(1.5, 2.0), intensity=0.0, reverberation=0.0)

    def seen(keep: dict[str, float]) -> float:
        data = SegmentationData([picture], {"a": 1}, (64, 64), recipe, keep=keep)
        return float(np.mean([bool((data[Draw(0, place, 0)][1] > 0.5).any()) for place in range(40)]))

    free, kept = seen({}), seen({"a": 0.4})
    assert free < 0.5
    assert kept > free + 0.25


def test_a_run_takes_them_from_its_file(discs: Path, tmp_path: Path) -> None:
    given = tiny(discs, tmp_path / "run")
    given["data"] |= {"paste": 1.0, "keep_in_view": {"disc": 0.5}}
    material = gather(TrainConfig.model_validate(given))
    data = material.training
    assert isinstance(data, SegmentationData)
    assert data.keep.tolist() == [0.5]
    (mix,) = data.mixing
    assert isinstance(mix, PastedStructures)
    assert len(mix.donors) == len(material.split.training)  # none of the held-out pictures
    assert not {d.case.patient for d in mix.donors} & {c.patient for c in material.split.held_out}


def test_fat_layers_reach_a_run_whatever_the_order_of_classes(discs: Path, tmp_path: Path) -> None:
    given = tiny(discs, tmp_path / "run")
    classes = {"deep_aponeurosis": -1, "disc": 1, "superficial_aponeurosis": -2}
    given["data"] |= {"classes": classes, "simulator": "muscle", "simulated": 2, "fat_layer": 1.0}
    data = gather(TrainConfig.model_validate(given)).training
    assert isinstance(data, SegmentationData)
    (mix,) = data.mixing
    assert isinstance(mix, FatLayers)
    assert (mix.superficial, mix.deep, len(mix.donors)) == (2, 0, 2)
    donor = mix.donors[0].at(0)
    assert donor.case.device == "simulation"
    assert donor.masks is not None
    assert np.nonzero(donor.masks[..., 2])[0].mean() < np.nonzero(donor.masks[..., 0])[0].mean()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"fat_layer": 0.3}, "fat_layer needs simulator: muscle"),
        ({"fat_layer": 0.3, "simulator": "muscle"}, "the classes superficial_aponeurosis and deep_aponeurosis"),
        ({"keep_in_view": {"dics": 0.5}}, "keep_in_view names 'dics'"),
        ({"paste": 0.5, "manifest": None, "simulator": "muscle"}, "change real pictures; name a manifest"),
        ({"paste": 0.5, "clip_length": 2}, "are for segmentation of single pictures"),
    ],
)
def test_what_cannot_be_is_said(data: dict[str, object], said: str, discs: Path, tmp_path: Path) -> None:
    given = tiny(discs, tmp_path / "run")
    given["data"] |= data
    with pytest.raises(LearnError, match=said):
        checked_config(given, source="run.yaml")
