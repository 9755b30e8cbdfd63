"""The manifest of an exam: everything needed to repeat it."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from mskus import __version__
from mskus.clip import Clip
from mskus.findings import Manifest

_LIBRARIES = ("numpy", "opencv-python-headless", "openvino", "numba", "pydicom")


def manifest_of(
    clip: Clip, *, exam: str, settings: dict[str, Any], models: Sequence[str], seed: int, seconds: float
) -> Manifest:
    """Input hash, versions, model hashes, calibration and its source, seeds, seconds."""
    from mskus.models import card

    scale = clip.calibration
    return Manifest(
        mskus_version=__version__,
        exam=exam,
        input_path=clip.source.path,
        input_sha256=clip.source.sha256,
        n_frames=clip.n_frames,
        frame_size_px=(clip.shape[2], clip.shape[1]),
        frame_times_s=None if clip.frame_times_s is None else tuple(float(t) for t in clip.frame_times_s),
        calibration=None
        if scale is None
        else {
            "mm_per_px_row": scale.mm_per_px_row,
            "mm_per_px_col": scale.mm_per_px_col,
            "source": scale.source,
            "relative_error": scale.relative_error,
            "note": scale.note,
        },
        provenance=clip.notes,
        acquisition=dict(clip.acquisition),
        settings=settings,
        models={name: card(name).sha256 for name in models},
        versions={"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}},
        seed=seed,
        seconds=round(seconds, 3),
    )
