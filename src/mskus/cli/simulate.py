"""``mskus simulate muscle|nerve -o clip.dcm``, a phantom with its truth; ``mskus simulate cohort -o DIR``, patients."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mskus.cli.options import at_least

if TYPE_CHECKING:
    from mskus.simulate import NervePhantom, Phantom


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command and its anatomies."""
    about = "simulate a clip with exact truth"
    parser = commands.add_parser("simulate", help=about, description=about.capitalize() + ".")
    anatomies = parser.add_subparsers(title="anatomies", metavar="ANATOMY", required=True)
    muscle = anatomies.add_parser(
        "muscle",
        help="a contracting muscle",
        description="A contracting muscle as DICOM, with the truth of every measurement in NAME.truth.json.",
        allow_abbrev=False,
    )
    _add_clip_options(muscle, frames=60)
    muscle.set_defaults(run=run_muscle)
    nerve = anatomies.add_parser(
        "nerve",
        help="a nerve beside a vessel, sliding under the probe",
        description="A nerve and a vessel in cross-section as DICOM, with the truth in NAME.truth.json.",
        allow_abbrev=False,
    )
    _add_clip_options(nerve, frames=40)
    nerve.set_defaults(run=run_nerve)
    cohort = anatomies.add_parser(
        "cohort",
        help="patients with a muscle disease",
        description="Patients with a muscle disease in their texture, on two machines: PNG, masks and manifest.csv.",
        allow_abbrev=False,
    )
    cohort.add_argument("-o", "--out", type=Path, required=True, metavar="DIR", help="folder to write")
    cohort.add_argument("--study", choices=("myositis", "duchenne"), default="myositis", help="which groups (myositis)")
    cohort.add_argument("--patients", type=at_least(4), default=40, help="number of patients (40)")
    cohort.add_argument("--images", type=at_least(1), default=4, help="pictures of each patient (4)")
    cohort.add_argument("--both-machines", action="store_true", help="every muscle on both machines")
    cohort.add_argument("--seed", type=at_least(0), default=0, help="another seed, other patients (0)")
    cohort.set_defaults(run=run_cohort)


def _add_clip_options(parser: argparse.ArgumentParser, *, frames: int) -> None:
    """Options of every anatomy that is written as one clip."""
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FILE", help="DICOM file to write")
    parser.add_argument("--seed", type=at_least(0), default=0, help="another seed, another speckle (0)")
    parser.add_argument("--frames", type=at_least(1), default=frames, help=f"number of frames ({frames})")
    parser.add_argument("--random", action="store_true", help="draw the anatomy from the seed too")
    parser.add_argument("--mp4", action="store_true", help="write an MP4 beside it")


def run_muscle(asked: argparse.Namespace) -> int:
    """Simulate a muscle clip and write it; the exit code."""
    from mskus.simulate import simulate_muscle

    anatomy, scanner = None, None
    if asked.random:
        import numpy as np

        from mskus.simulate import random_muscle, random_scanner

        rng = np.random.default_rng(asked.seed)
        scanner = random_scanner(rng)
        anatomy = random_muscle(rng)
    phantom = simulate_muscle(seed=asked.seed, n_frames=asked.frames, anatomy=anatomy, scanner=scanner)
    return _write(phantom, asked)


def run_nerve(asked: argparse.Namespace) -> int:
    """Simulate a nerve clip and write it; the exit code."""
    import numpy as np

    from mskus.simulate import random_nerve, simulate_nerve

    anatomy = random_nerve(np.random.default_rng(asked.seed)) if asked.random else None
    return _write(simulate_nerve(seed=asked.seed, n_frames=asked.frames, anatomy=anatomy), asked)


def _write(phantom: Phantom | NervePhantom, asked: argparse.Namespace) -> int:
    from mskus.report.save import make_folder, replacing
    from mskus.simulate import write_dicom

    out: Path = asked.out
    make_folder(out.parent)
    write_dicom(phantom, out)
    n_frames, height, width = phantom.clip.shape
    print(f"{out}: {n_frames} frames of {width} x {height} px, with its truth beside it")
    if asked.mp4:
        from mskus.report.video import Mp4Writer

        film = out.with_suffix(".mp4")
        with (
            replacing(film) as temporary,
            Mp4Writer(temporary, size=(width, height), frame_rate_hz=phantom.clip.frame_rate_hz or 25.0) as writer,
        ):
            for frame in phantom.clip.frames():
                writer.write(frame)
        print(film)
    return 0


def run_cohort(asked: argparse.Namespace) -> int:
    """Simulate a cohort and write it; the exit code."""
    from mskus.report.save import make_folder
    from mskus.simulate import write_cohort

    make_folder(asked.out)
    manifest = write_cohort(
        asked.out, patients=asked.patients, images=asked.images, study=asked.study,
        both_machines=asked.both_machines, seed=asked.seed,
    )  # fmt: skip
    pictures = asked.patients * asked.images * (2 if asked.both_machines else 1)
    print(f"{manifest}: {pictures} pictures of {asked.patients} simulated patients")
    return 0
