"""``mskus enhance METHOD PATH... -o OUT``: clips with their image made clearer, as PNG or MP4."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mskus.cli.options import add_inputs, reading_options, setting

if TYPE_CHECKING:
    from mskus.clip import Clip

_DEFAULT_RATE_HZ = 25.0  # playing speed where the clip's own is unknown

_RESULTS = """
A still becomes NAME-METHOD.png, a clip NAME-METHOD.mp4 (lossy: use --numbered to compute on the result). Only the image
region is changed. Colour that the scanner drew is left out. A filter that looks better need not measure better: echo
intensity belongs to the picture as it was.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "despeckle clips or change their contrast by a named method"
    parser = commands.add_parser(
        "enhance", help=about, description=about.capitalize() + ".", epilog=_RESULTS, allow_abbrev=False
    )
    parser.add_argument("method", metavar="METHOD", help="see --list")
    add_inputs(parser)
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="folder for the results")
    parser.add_argument(
        "--set", type=setting, action="append", default=[], metavar="NAME=VALUE", help="a parameter of the method"
    )
    parser.add_argument("--numbered", action="store_true", help="a clip as a folder of numbered PNGs (lossless)")
    parser.add_argument("-q", "--quiet", action="store_true", help="print failures only")
    parser.add_argument("--list", action=_List, nargs=0, help="list methods, parameters and sources, and leave")
    parser.set_defaults(run=run)


class _List(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from mskus.enhance import methods

        kind = None
        for name, one in sorted(methods().items(), key=lambda item: (item[1].kind, item[0])):
            if one.kind != kind:
                kind = one.kind
                print(f"{kind}:")
            given = ", ".join(f"{p}={v}" for p, v in one.parameters.items() if p not in ("spacing_mm", "field"))
            print(f"  {name:<16} {given}\n  {'':<16} {one.source}")
        parser.exit()


def run(asked: argparse.Namespace) -> int:
    """Enhance all inputs; 1 if any failed."""
    from mskus.batch.naming import folder_name, input_sha256
    from mskus.errors import MskusError
    from mskus.reading import expand_inputs, read_all
    from mskus.report.save import make_folder

    parameters = _checked(asked.method, dict(asked.set))
    options = reading_options(asked)
    make_folder(asked.out)
    failed, taken = False, set[str]()
    for given in asked.paths:
        try:
            inputs = expand_inputs([given])
        except MskusError as error:
            inputs, failed = [], _tell(error)
        for path in inputs:
            try:
                name = folder_name(path, sha256=input_sha256(path), taken=taken)
                clips = read_all(path, **options)
                for part, clip in enumerate(clips, start=1):
                    of_clip = f"{name}-part{part}" if len(clips) > 1 else name
                    target = asked.out / f"{of_clip}-{asked.method}"
                    written = _write(clip, target, asked.method, parameters, numbered=asked.numbered)
                    if not asked.quiet:
                        print(written)
            except MskusError as error:
                failed = _tell(error if str(path) in str(error) else type(error)(f"{path}: {error}"))
    return 1 if failed else 0


def _checked(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """What was set, if the method has such parameters and each is of a kind that it can be."""
    from mskus.enhance import method_named
    from mskus.errors import EnhanceError

    method = method_named(name)
    allowed = method.parameters
    for key, value in given.items():
        if key not in allowed or key in ("spacing_mm", "field"):
            takes = ", ".join(p for p in allowed if p not in ("spacing_mm", "field")) or "no parameters"
            raise EnhanceError(f"{name} has no parameter {key!r}; it takes {takes}.")
        none = " (or null)" if key in method.optional and allowed[key] is not None else ""
        if not (value is None and key in method.optional) and not _like(value, allowed[key]):
            raise EnhanceError(f"{name} cannot take {key} = {value!r}; give a value like {allowed[key] or 1}{none}.")
    return given


def _like(value: Any, usual: Any) -> bool:
    """Whether a value is of the kind of the default: text, several numbers, yes or no, one number."""
    if isinstance(usual, str | bool):
        return isinstance(value, type(usual))
    if isinstance(usual, tuple):
        return isinstance(value, list) and all(_like(one, 1.0) for one in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _write(clip: Clip, target: Path, name: str, parameters: dict[str, Any], *, numbered: bool) -> Path:
    from mskus.enhance.frames import enhance_frames
    from mskus.report.save import make_folder, replacing, write_png
    from mskus.report.video import Mp4Writer

    frames = enhance_frames(clip, method=name, **parameters)
    n_frames, height, width = clip.shape
    if n_frames == 1:
        return write_png(target.with_name(target.name + ".png"), next(frames))
    if numbered:
        make_folder(target)
        digits = len(str(n_frames))
        for index, frame in enumerate(frames):
            write_png(target / f"{index:0{digits}d}.png", frame)
        return target
    film = target.with_name(target.name + ".mp4")
    rate = clip.frame_rate_hz or _DEFAULT_RATE_HZ
    with replacing(film) as temporary, Mp4Writer(temporary, size=(width, height), frame_rate_hz=rate) as writer:
        for frame in frames:
            writer.write(frame)
    return film


def _tell(error: Exception) -> bool:
    print(f"mskus: {error}", file=sys.stderr)
    return True
