"""Findings to table, overlay, report."""
