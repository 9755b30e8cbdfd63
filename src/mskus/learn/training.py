"""The training loop: AdamW, one warm-up and cosine, averaged weights."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, IterableDataset

from mskus.learn.train.precision import has_bfloat16


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How long and how fast to train.

    Attributes:
        steps: optimiser steps.
        batch: pictures a step.
        rate: highest learning rate.
        decay: weight decay.
        averaging: decay of the exponential moving average of the weights.
        workers: processes that prepare examples.
        threads: threads of the training itself.
    """

    steps: int = 2000
    batch: int = 16
    rate: float = 3e-3
    decay: float = 1e-3
    averaging: float = 0.99
    workers: int = 1
    threads: int = 1


def fit(
    network: nn.Module,
    examples: IterableDataset[tuple[Tensor, ...]],
    *,
    loss: Callable[..., Tensor],
    schedule: Schedule,
    seed: int,
    say: Callable[[str], None] = print,
) -> nn.Module:
    """Train and return the averaged network, in evaluation mode.

    Args:
        network: maps the first tensor of an example to logits.
        examples: endless; yields (image, *targets).
        loss: of (logits, *targets).
        schedule: length and rates.
        seed: of the weights' random numbers (the examples carry their own).
        say: takes a progress line.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(schedule.threads)
    loader: DataLoader[tuple[Tensor, ...]] = DataLoader(
        examples, batch_size=schedule.batch, num_workers=schedule.workers, worker_init_fn=_one_thread
    )
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    network.train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=schedule.rate, weight_decay=schedule.decay)
    warm = max(1, schedule.steps // 20)
    rates = torch.optim.lr_scheduler.SequentialLR(
        optimiser,
        [
            torch.optim.lr_scheduler.LinearLR(optimiser, 0.05, 1.0, warm),
            torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(1, schedule.steps - warm), schedule.rate * 0.01),
        ],
        [warm],
    )
    averaging = get_ema_multi_avg_fn(schedule.averaging)  # type: ignore[no-untyped-call]
    average = AveragedModel(network, multi_avg_fn=averaging, use_buffers=True)
    fast = has_bfloat16()
    started, running = time.monotonic(), 0.0
    for step, (image, *targets) in enumerate(loader):
        if step >= schedule.steps:
            break
        image = image.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=fast):
            logits = network(image)
        value = loss(logits.float(), *targets)
        optimiser.zero_grad(set_to_none=True)
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        rates.step()
        average.update_parameters(network)
        running = value.item() if step == 0 else 0.98 * running + 0.02 * value.item()
        if step % 50 == 0 or step == schedule.steps - 1:
            speed = (step + 1) * schedule.batch / (time.monotonic() - started)
            say(f"step {step:5d}  loss {running:.4f}  {speed:.1f} pictures/s")
    trained: nn.Module = average.module
    return trained.eval()


def _one_thread(_: int) -> None:
    import cv2

    cv2.setNumThreads(0)
    torch.set_num_threads(1)


def save_weights(network: nn.Module, path: Any) -> None:
    """Write the weights (a checkpoint for further training; what ships is ONNX)."""
    torch.save(network.state_dict(), path)


def load_weights(network: nn.Module, path: Any) -> nn.Module:
    """Read weights written by :func:`save_weights`; only tensors are loaded, no code."""
    network.load_state_dict(torch.load(path, weights_only=True))
    return network
