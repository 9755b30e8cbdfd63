"""Every named network: its parameters, the shape it answers with, and how far it sees, each stated by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor, nn

from mskus.errors import LearnError
from mskus.learn.networks import NETWORKS, build, parameter_count
from mskus.learn.networks.context import ContextModule
from mskus.learn.networks.efficientnet import SqueezeExcitation
from mskus.learn.networks.receptive_field import receptive_field_px

# parameters for three channels and a thousand classes, as published with the papers and their reference code
PUBLISHED = {
    "vgg16": 138_357_544,
    "inception_v3": 23_834_568,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "densenet121": 7_978_856,
    "efficientnet_b0": 5_288_548,
}
# for grey pictures and two classes
OTHERS = {
    "small_unet": 905_400,
    "light": 430_636,
    "unet": 31_036_546,
    "residual_unet": 32_429_124,
    "attention_unet": 32_081_990,
    "dense_unet": 6_093_154,
    "dilated_unet": 3_697_474,
    "dilated_context": 7_878_562,
    "deconv_regression": 718_570,
    "searched": 283_698,
    "patch_regression": 568_122,
    "clip_segmentation": 477_436,
    "clip_classifier": 110_130,
}
# how far a narrow version sees (width does not matter), the stride of its coarsest level, and the width of the probe
NARROW = {
    "small_unet": ({"channels": (2,) * 5}, 32, 544),
    "light": ({"stem": 2, "channels": (2,) * 4}, 32, 416),
    "unet": ({"width": 2}, 16, 288),
    "residual_unet": ({"width": 2}, 16, 288),
    "attention_unet": ({"width": 2}, 16, 320),
    "dense_unet": ({"width": 4}, 16, 480),
    "dilated_unet": ({"width": 2}, 8, 416),
    "dilated_context": ({"width": 1}, 8, 832),
    "deconv_regression": ({"channels": (2,) * 4}, 16, 192),
    "searched": ({"width": 4}, 16, 256),
    "patch_regression": ({"channels": (2,) * 4}, 16, 192),
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    # a probe is too narrow to share, and two threads wait for each other on a busy machine
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_every_network_is_stated_here() -> None:
    assert set(NETWORKS) == set(PUBLISHED) | set(OTHERS)


@pytest.mark.parametrize(("name", "expected"), PUBLISHED.items())
def test_classifiers_have_the_published_parameters_and_answer_a_class(name: str, expected: int) -> None:
    with torch.device("meta"):
        network = build(name, n_classes=1000, in_channels=3).eval()
        assert tuple(network(torch.zeros(2, 3, 224, 288)).shape) == (2, 1000)
    assert parameter_count(network) == expected


@pytest.mark.parametrize(("name", "expected"), OTHERS.items())
def test_parameters_and_shape(name: str, expected: int) -> None:
    shapes = {
        "segmentation": ((3, 1, 64, 96), (3, 2, 64, 96)),
        "clip segmentation": ((3, 4, 1, 64, 96), (3, 4, 2, 64, 96)),
        "clip classification": ((3, 4, 1, 64, 96), (3, 2)),
    }
    given, answered = shapes[NETWORKS[name].kind]
    with torch.device("meta"):
        network = build(name, n_classes=2).eval()
        assert tuple(network(torch.zeros(given)).shape) == answered
    assert parameter_count(network) == expected


def unet_sees(*, depth: int, convolutions: int, middle: int, gate: int = 0) -> int:
    """Walk from an output to the input: a coarse pixel covers two, a 3x3 convolution sees two more at its level."""
    seen = 1
    for _ in range(depth):
        seen = (seen + 2 * convolutions) // 2 + 1 + gate
    seen += 2 * middle
    for _ in range(depth):
        seen = 2 * seen + 2 * convolutions
    return seen


@pytest.mark.parametrize(
    ("name", "walked"),
    [
        ("unet", unet_sees(depth=4, convolutions=2, middle=2)),
        ("residual_unet", unet_sees(depth=4, convolutions=2, middle=2)),
        # the gate's weights are enlarged bilinearly, which reaches one coarse pixel further
        ("attention_unet", unet_sees(depth=4, convolutions=2, middle=2, gate=1)),
        ("dense_unet", unet_sees(depth=4, convolutions=4, middle=4)),
        ("dilated_unet", unet_sees(depth=3, convolutions=2, middle=1 + 1 + 2 + 4 + 8)),
    ],
)
def test_what_a_unet_should_see(name: str, walked: int) -> None:
    assert NETWORKS[name].sees_px == walked


@pytest.mark.parametrize("name", NARROW)
def test_segmentation_networks_see_as_far_as_stated(name: str) -> None:
    options, period, width = NARROW[name]
    network = build(name, n_classes=1, **options)
    found = receptive_field_px(network, size=(32, width), period=period, aside=(SqueezeExcitation,))
    assert found == NETWORKS[name].sees_px


@pytest.mark.parametrize("name", NARROW)
def test_segmentation_networks_can_be_written_as_onnx(name: str, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    from mskus.learn.export import export_onnx, largest_difference

    options, _, _ = NARROW[name]
    network, path = build(name, n_classes=2, **options), tmp_path / "network.onnx"
    export_onnx(network, path, size=(64, 96), free_size=True)
    # another size than the one written with
    assert largest_difference(network, path, size=(96, 64)) < 1e-4


@pytest.mark.parametrize("name", PUBLISHED)
def test_classifiers_see_as_far_as_stated(name: str) -> None:
    # 212, 427 (stride in the 3x3 convolution), 851 and 1311 are the published numbers, too
    features = build(name, n_classes=2).features
    width = NETWORKS[name].sees_px + 120
    found = receptive_field_px(features, size=(1, width), aside=(SqueezeExcitation,))
    assert found == NETWORKS[name].sees_px


class OneFrame(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        return self.network(image[:, None])[:, 0]


def test_clip_networks_see_as_far_as_stated() -> None:
    masks = OneFrame(build("clip_segmentation", n_classes=1, width=2))
    assert receptive_field_px(masks, size=(32, 448), period=32) == NETWORKS["clip_segmentation"].sees_px
    frame = build("clip_classifier", n_classes=1).frame[:-2]
    assert receptive_field_px(frame, size=(1, 96)) == NETWORKS["clip_classifier"].sees_px


def test_context_module_sees_67_and_begins_as_the_identity() -> None:
    context = ContextModule(2)
    assert receptive_field_px(context, size=(4, 128), in_channels=2) == 67
    picture = torch.rand(1, 2, 8, 8, generator=torch.Generator().manual_seed(0))
    assert torch.equal(context(picture), picture)


@pytest.mark.parametrize(
    ("name", "n_classes", "in_channels", "said"),
    [("u_net", 1, 1, "no network 'u_net'"), ("unet", 0, 1, "at least one class"), ("light", 1, 0, "one channel")],
)
def test_impossible_networks_are_refused(name: str, n_classes: int, in_channels: int, said: str) -> None:
    with pytest.raises(LearnError, match=said):
        build(name, n_classes=n_classes, in_channels=in_channels)


@pytest.mark.parametrize("name", ["clip_segmentation", "clip_classifier"])
def test_clips_carry_the_past_only(name: str) -> None:
    torch.manual_seed(0)
    network = build(name, n_classes=1).eval()
    clip = torch.rand(1, 3, 1, 32, 32)
    first_changed, last_changed = clip.clone(), clip.clone()
    first_changed[:, 0] = 0.0
    last_changed[:, 2] = 0.0
    with torch.inference_mode():
        answer, after_first, after_last = (network(c) for c in (clip, first_changed, last_changed))
    if name == "clip_classifier":
        assert not torch.equal(answer, after_first)  # the class remembers the first frame
    else:
        assert not torch.equal(answer[:, 2], after_first[:, 2])
        assert torch.equal(answer[:, :2], after_last[:, :2])
