"""Docstrings as the site shows them: doctests as code, Sphinx roles as plain code."""

from __future__ import annotations

import re
from typing import Any

import griffe

_ROLE = re.compile(r":(?:func|class|meth|mod|attr):`~?([^`]+)`")
_DOCTEST = re.compile(r"^(>>> .*(?:\n(?!\s*$).+)*)", re.MULTILINE)
_EXAMPLE = re.compile(r"^Example:$", re.MULTILINE)


class Docstrings(griffe.Extension):
    """Rewrites every docstring once, before it is parsed."""

    def on_instance(self, *, obj: griffe.Object | griffe.Alias, **_: Any) -> None:
        """Rewrite the docstring of one object."""
        if obj.is_alias or obj.docstring is None:
            return
        text = _ROLE.sub(r"`\1`", obj.docstring.value)
        text = _EXAMPLE.sub("Examples:", text)
        obj.docstring.value = _DOCTEST.sub(r"```pycon\n\1\n```", text)
