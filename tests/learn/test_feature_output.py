"""Features are the means of the last activation of each scale on the way down."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from mskus.errors import LearnError
from mskus.learn.feature_output import WithFeatures
from mskus.learn.networks import SmallUNet, build


def test_values_are_means_of_the_named_activations() -> None:
    torch.manual_seed(0)
    network = SmallUNet(1, channels=(4, 6, 8)).eval()
    kept = []
    for fine in network.fine:
        fine.register_forward_hook(lambda _m, _i, out: kept.append(out.mean(dim=(2, 3))))
    picture = torch.rand(2, 1, 32, 32)
    with torch.no_grad():
        logits = network(picture)
        answered, features = WithFeatures(network, size=(32, 32))(picture)
    assert torch.equal(answered, logits)
    assert features.shape == (2, 18)
    np.testing.assert_allclose(features, torch.cat(kept[:3], dim=1), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "options", "count"),
    [
        ("unet", {"width": 4}, 4 + 8 + 16 + 32 + 64),
        ("attention_unet", {"width": 4}, 4 + 8 + 16 + 32 + 64),
        ("light", {}, None),
        ("resnet18", {}, None),
        ("efficientnet_b0", {}, None),
    ],
)
def test_networks_of_the_registry_have_features(name: str, options: dict[str, int], count: int | None) -> None:
    torch.manual_seed(0)
    both = WithFeatures(build(name, n_classes=2, **options), size=(64, 64))
    with torch.no_grad():
        _, features = both(torch.rand(2, 1, 64, 64))
    assert features.shape[1] == count or (count is None and features.shape[1] > 50)
    assert torch.isfinite(features).all()
    assert float((features[0] - features[1]).abs().max()) > 0


def test_the_network_itself_is_left_alone() -> None:
    network = SmallUNet(1, channels=(4, 6)).train()
    WithFeatures(network, size=(32, 32))
    assert network.training
    assert not any(m._forward_hooks for m in network.modules())


def test_a_network_without_activations_is_refused() -> None:
    with pytest.raises(LearnError, match="no activation layer"):
        WithFeatures(torch.nn.Conv2d(1, 1, 3), size=(32, 32))
