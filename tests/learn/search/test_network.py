"""Networks of genotypes: every operation's shape, parameters and multiplications counted by hand, export."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from mskus.learn.networks.receptive_field import receptive_field_px
from mskus.learn.networks.registry import parameter_count
from mskus.learn.search.cost import Limits, cost_of, frame_ms, multiplications
from mskus.learn.search.genotype import OPERATIONS, Edge, Genotype, Kind, plain_genotype
from mskus.learn.search.network import build_genotype
from mskus.learn.search.operations import operation

# one cell each way: down adds a halved convolution and a halved maximum, up the skip and the doubled coarse cell
TINY = Genotype(
    down=((Edge(0, "conv"), Edge(1, "max_pool")),),
    up=((Edge(0, "identity"), Edge(1, "bilinear")),),
    width=4,
    growth=2.0,
    depth=1,
)
# weights and the two numbers a feature of a normalisation
STEM = 1 * 4 * 9 + 8
DOWN = 2 * (4 * 8 + 16) + (8 * 8 * 9 + 16)
UP = (4 * 4 + 8) + (8 * 4 + 8)
HEAD = 4 * 8 * 9 + 8


@pytest.mark.parametrize(("kind", "name"), [(k, n) for k, names in OPERATIONS.items() for n in names])
def test_every_operation_keeps_features_and_changes_sides(kind: Kind, name: str) -> None:
    made = operation(kind, name, width=8)(torch.rand(2, 8, 12, 16))
    factor = {"down": 0.5, "up": 2, "normal": 1}[kind]
    assert tuple(made.shape) == (2, 8, int(12 * factor), int(16 * factor))


@pytest.mark.parametrize("name", OPERATIONS["up"])
def test_no_way_up_leaves_pixels_out(name: str) -> None:
    layers = operation("up", name, width=8).eval()
    for weights in layers.parameters():  # all positive, so that nothing is cut off by a ReLU
        torch.nn.init.constant_(weights, 0.1)
    changed = layers(torch.rand(1, 8, 6, 6) + 1.0) - layers(torch.rand(1, 8, 6, 6))
    assert (changed > 0).all()


def test_parameters_by_hand() -> None:
    assert parameter_count(build_genotype(TINY, 2)) == STEM + DOWN + UP + HEAD == 1_092


def test_multiplications_by_hand() -> None:
    stem, entries, conv = 16 * 16 * 4 * 9, 2 * 16 * 16 * 4 * 8, 8 * 8 * 8 * 8 * 9
    up, head = 16 * 16 * 4 * 4 + 8 * 8 * 8 * 4, 16 * 16 * 4 * 8 * 9
    expected = stem + entries + conv + up + head
    assert multiplications(build_genotype(TINY, 2), torch.zeros(1, 1, 32, 32)) == expected
    cost = cost_of(TINY, n_classes=2, size=(32, 32))
    assert (cost.parameters, cost.multiplications) == (1_092, expected / 1e6)


def test_a_transposed_convolution_is_counted_at_its_input() -> None:
    layer = torch.nn.ConvTranspose2d(2, 3, 4, stride=2, padding=1)
    assert multiplications(layer, torch.zeros(1, 2, 5, 5)) == 5 * 5 * 2 * 3 * 16


@pytest.mark.parametrize("depth", [1, 4])
def test_shape_with_the_coarsest_cell_one_pixel_high(depth: int) -> None:
    network = build_genotype(plain_genotype(width=4, depth=depth), 3, in_channels=2).eval()
    assert tuple(network(torch.rand(1, 2, 2 ** (depth + 1), 64)).shape) == (1, 3, 2 ** (depth + 1), 64)


def test_how_far_the_tiny_one_sees() -> None:
    """Head 3; doubling reads 3 coarse; halving by 3x3 reads 7; the stem's 3x3 of stride 2 reads 2 * 7 + 1."""
    assert receptive_field_px(build_genotype(TINY, 1), size=(32, 64), period=4) == 15


@pytest.mark.parametrize(
    ("limits", "allowed"),
    [
        ({}, True),
        ({"max_parameters": 1_092}, True),
        ({"max_parameters": 1_091}, False),
        ({"max_multiplications": 0.143}, True),
        ({"max_multiplications": 0.142}, False),
        ({"max_ms": 1e9}, True),
        ({"max_ms": 1e-9}, False),
    ],
)
def test_limits(limits: dict[str, float], allowed: bool) -> None:
    assert Limits(**limits).allow(TINY, n_classes=2, size=(32, 32)) is allowed


def test_time_leaves_the_threads_alone() -> None:
    before = torch.get_num_threads()
    assert frame_ms(build_genotype(TINY, 2), size=(32, 32), runs=1) > 0
    assert torch.get_num_threads() == before


def test_every_gene_has_a_gradient() -> None:
    """No edge of a cell is computed for nothing."""
    network = build_genotype(plain_genotype(width=4, depth=2), 1)
    network(torch.rand(2, 1, 32, 32)).square().mean().backward()
    assert all(p.grad is not None and bool(p.grad.abs().sum() > 0) for p in network.parameters())


def test_onnx_computes_the_same(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    from mskus.learn.export import export_onnx

    torch.manual_seed(0)
    every = Genotype(
        down=(
            (Edge(0, "avg_pool"), Edge(1, "max_pool")),
            (Edge(1, "dilated"), Edge(0, "depthwise")),
            (Edge(0, "weighted"), Edge(2, "weighted")),
        ),
        up=(
            (Edge(0, "identity"), Edge(1, "bilinear")),
            (Edge(1, "conv"), Edge(1, "dilated")),
            (Edge(1, "depthwise"), Edge(1, "weighted")),
        ),
        width=4,
        growth=1.5,
        depth=2,
    )
    network = build_genotype(every, 2).eval()
    export_onnx(network, tmp_path / "net.onnx", size=(32, 64))
    picture = torch.rand(1, 1, 32, 64)
    session = onnxruntime.InferenceSession(str(tmp_path / "net.onnx"), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {session.get_inputs()[0].name: picture.numpy()})
    np.testing.assert_allclose(found, network(picture).detach().numpy(), atol=1e-4)
