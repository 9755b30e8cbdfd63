"""Two things the site makes when it is built: MathML from TeX, and the help of the commands as they are now.

Formulae need no script and no network in the reader's browser, and the help on the page cannot differ from the program.
"""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from typing import Any

from latex2mathml.converter import convert

_FORMULA = re.compile(r'<(span|div) class="arithmatex">\\([(\[])(.*?)\\[)\]]</\1>', re.DOTALL)
_HELP = re.compile(r"^<!-- help: (mskus[a-z -]*) -->$", re.MULTILINE)


def on_page_content(content: str, **_: Any) -> str:
    """Replace every TeX formula by MathML."""

    def mathml(match: re.Match[str]) -> str:
        display = "block" if match[2] == "[" else "inline"
        return convert(html.unescape(match[3]).strip(), display=display)

    return _FORMULA.sub(mathml, content)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace ``<!-- help: mskus examine -->`` by what ``mskus examine --help`` prints."""

    def help_text(match: re.Match[str]) -> str:
        words = match[1].split()[1:]
        run = "from mskus.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", f"import sys; sys.argv[0] = 'mskus'; {run}", *words, "--help"],
            env=os.environ | {"COLUMNS": "76", "NO_COLOR": "1", "TERM": "dumb"},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return f"```text\n{done.stdout.strip()}\n```"

    return _HELP.sub(help_text, markdown)
