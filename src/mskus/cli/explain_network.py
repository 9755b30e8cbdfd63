"""The part of ``mskus explain`` that draws what a network looked at."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mskus.clip import Clip


def run_network(asked: argparse.Namespace) -> int:
    """Draw a map a method on the picture; with an exam, its findings with the maps in the report."""
    from mskus.cli.learning import needs_learn

    needs_learn()
    from mskus.errors import LearnError
    from mskus.learn.explain_network import explain_frame
    from mskus.reading import read
    from mskus.report.explanation_maps import draw_map
    from mskus.report.save import make_folder, write_png

    clip = read(asked.cases)
    if asked.frame > clip.n_frames:
        raise LearnError(f"{asked.cases} has {clip.n_frames} frame(s); there is no frame {asked.frame}.")
    frame = clip.frame(asked.frame - 1)
    found = explain_frame(asked.model, frame, structure=asked.structure, methods=asked.method or ("gradcam",))
    make_folder(asked.out)
    drawn = []
    for each in found:
        drawn.append((draw_map(frame, each.levels), each.caption))
        write_png(asked.out / f"{each.structure}_{each.method}.png", drawn[-1][0])
        print(f"{each.method}: random weights leave a rank correlation of {each.sanity.mean:.2f}", end="")
        print("" if each.sanity.passed else "; do not rely on this map")
    if asked.exam is not None:
        _examine(clip, asked, drawn)
    print(f"Results: {asked.out}")
    return 0


def _examine(clip: Clip, asked: argparse.Namespace, drawn: list[tuple[NDArray[np.uint8], str]]) -> None:
    from mskus.errors import LearnError
    from mskus.exams import examine

    findings = examine(clip, asked.exam, **({"network": asked.model} if asked.exam == "nerve" else {}))
    used = findings.manifest.models
    if asked.model not in used:
        raise LearnError(
            f"The {asked.exam} exam does not use {asked.model}, but {', '.join(used)}; explain one of these."
        )
    findings.attach(clip, {**findings.maps, "explanations": drawn})
    findings.save(asked.out)
