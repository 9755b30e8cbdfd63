"""The nerve exam: nerves and vessels in cross-section, in stills and clips.

Example:
    >>> from mskus.exams import nerve
    >>> nerve.area_ratio.__name__
    'area_ratio'
"""

from __future__ import annotations

from mskus.exams.nerve.area_ratio import area_ratio

__all__ = ["area_ratio"]
