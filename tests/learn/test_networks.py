"""Size and shape of the networks, a training step that learns, and the export."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

import torch

from mskus.learn import export, networks


@pytest.mark.parametrize(
    ("make", "low", "high", "shape"),
    [
        (lambda: networks.SmallUNet(3), 0.4e6, 1.0e6, (256, 256)),
        (networks.fascicle_network, 0.1e6, 1.0e6, (144, 320)),
    ],
)
def test_size_and_shape(make: object, low: float, high: float, shape: tuple[int, int]) -> None:
    network = networks.seeded(make, seed=1)  # type: ignore[arg-type]
    assert low <= networks.parameter_count(network) <= high
    with torch.inference_mode():
        assert tuple(network.eval()(torch.zeros(1, 1, *shape)).shape) == (1, 3, *shape)


def test_equal_seeds_give_equal_weights() -> None:
    one, two = (networks.seeded(networks.fascicle_network, seed=4) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


def test_export_answers_as_the_network(tmp_path: Path) -> None:
    network = networks.SmallUNet(3, channels=(8, 16)).eval()
    path = tmp_path / "small.onnx"
    assert len(export.export_onnx(network, path, size=(32, 48), free_size=True)) == 64
    # another size than the one exported with
    assert export.largest_difference(network, path, size=(16, 64)) < 1e-4


def test_a_few_steps_learn_a_band(tmp_path: Path) -> None:
    from torch.utils.data import IterableDataset

    from mskus.learn import losses, training

    class Bands(IterableDataset):  # type: ignore[type-arg,misc]
        def __iter__(self):  # type: ignore[no-untyped-def]
            rng = np.random.default_rng(0)
            while True:
                row = int(rng.integers(8, 24))
                mask = np.zeros((1, 32, 32), np.float32)
                mask[0, row : row + 4] = 1.0
                yield torch.from_numpy(mask * 0.8), torch.from_numpy(mask), torch.ones(1)

    schedule = training.Schedule(steps=40, batch=8, rate=1e-2, workers=0, averaging=0.8)
    said: list[str] = []
    network = training.fit(
        networks.SmallUNet(1, channels=(8, 16)),
        Bands(),
        loss=losses.SegmentationLoss({"bce": 5.0, "dice": 1.0}),
        schedule=schedule,
        seed=0,
        say=said.append,
    )
    image, mask, _ = next(iter(Bands()))
    with torch.inference_mode():
        found = network(image[None])[0, 0] > 0
    assert (found == (mask[0] > 0)).float().mean() > 0.95
    assert said[-1].startswith("step    39")
