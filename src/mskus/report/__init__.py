"""Findings to table, overlay, video, plots and report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = [
    "draw_overlay",
    "html_report",
    "load_findings",
    "measurement_table",
    "save_findings",
    "write_annotated_video",
]

if TYPE_CHECKING:
    from mskus.report.html import html_report
    from mskus.report.overlay import draw_overlay
    from mskus.report.save import load_findings, save_findings
    from mskus.report.table import measurement_table
    from mskus.report.video import write_annotated_video

_HOMES = {
    "draw_overlay": "overlay",
    "html_report": "html",
    "load_findings": "save",
    "measurement_table": "table",
    "save_findings": "save",
    "write_annotated_video": "video",
}


def __getattr__(name: str) -> Any:
    """Open a drawer only when it is asked for."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"mskus.report.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'mskus.report' has no attribute {name!r}")
