"""The command line: ``mskus examine | info | simulate | models``.

One file a command: ``add_parser`` says what it takes, ``run`` does it and returns the exit code. Rooms are imported
when a command runs, so that ``mskus --help`` is instant.
"""

from __future__ import annotations

import io
import os
import sys


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code; an error is one sentence, never a stack trace.

    Args:
        arguments: what stands after ``mskus``; that of the process by default.
    """
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run the command line.

    Returns:
        0 all fine, 1 something failed, 2 wrong usage, 130 stopped by the user.
    """
    from mskus.cli.commands import command_line
    from mskus.errors import MskusError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a degree sign shows a question mark
    try:
        asked = command_line().parse_args(arguments or ["--help"])
        code: int = asked.run(asked)
        sys.stdout.flush()
        return code
    except SystemExit as left:  # argparse leaves after --help and after wrong usage
        return left.code if isinstance(left.code, int) else 0
    except MskusError as error:
        print(f"mskus: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        again = " with --resume" if arguments[:1] in (["examine"], ["train"]) else ""
        print(f"\nmskus: stopped; run again{again}.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of the output has gone, as with `mskus info ... | head`
        sys.stderr.close()
        return 0
    except Exception as error:
        if "MSKUS_DEBUG" in os.environ:
            raise
        message = " ".join(str(error).split())[:200]
        print(
            f"mskus: a fault in mskus itself ({type(error).__name__}: {message}); "
            "please report it, with what MSKUS_DEBUG=1 shows.",
            file=sys.stderr,
        )
        return 1
