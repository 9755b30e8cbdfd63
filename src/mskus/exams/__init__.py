"""Exams: one folder an exam."""
