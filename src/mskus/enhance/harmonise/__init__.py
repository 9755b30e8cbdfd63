"""Harmonise: pictures of one machine brought closer to those of another, and a test of whether that helped.

Harmoniser.fit(source, reference, steps=(...))     fitted to one pair of machines, kept as JSON
harmonisation_report(before, after, ...)           AUC before and after, paired; does the score keep its order?
"""

from mskus.enhance.harmonise.harmoniser import STEPS, Harmoniser
from mskus.enhance.harmonise.report import HarmonisationReport, harmonisation_report, report_table
from mskus.enhance.harmonise.scan import Scan
from mskus.enhance.harmonise.shifts import DeviceFeatures

__all__ = [
    "STEPS",
    "DeviceFeatures",
    "HarmonisationReport",
    "Harmoniser",
    "Scan",
    "harmonisation_report",
    "report_table",
]
