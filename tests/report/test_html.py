from __future__ import annotations

from datetime import datetime
from html.parser import HTMLParser

import pytest

from mskus.report.html import html_report


class _Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes


@pytest.fixture
def page(make_findings):
    return html_report(make_findings(), written=datetime(2026, 1, 2, 3, 4))


def test_the_page_needs_nothing_from_outside(page):
    references = [value for name, value in _Page(page).attributes if name in ("src", "href") and value]
    assert references
    assert all(value.startswith("data:image/") for value in references)
    assert "<script" not in page
    assert "url(" not in page


@pytest.mark.parametrize(
    "text",
    [
        "Image quality: limited",
        "17.0 mm",
        "16.5 to 17.5",
        "14.5°",
        "2 of 3",
        "Withheld in 1 frame: fascicles not visible",
        "0.2000 mm/px, given by the user",
        "scale given by the user",
        "Research software; not a medical device",
        "Narici et al. 1996",
        "SHA-256 " + "d" * 64,
        "c" * 64,
        "2026-01-02 03:04",
        "b.dcm",
    ],
)
def test_the_page_says(page, text):
    assert text in page


def test_text_from_outside_is_escaped(page, make_findings):
    assert "shadow on &lt;one&gt; side" in page
    found = make_findings()
    found.manifest = found.manifest.model_copy(update={"input_path": "x/<script>alert(1)</script>.dcm"})
    assert "<script>" not in html_report(found)


def test_pictures_and_series_of_a_clip(page):
    tags = _Page(page).tags
    assert tags.count("img") == 2  # overlay and orientation map
    assert tags.count("svg") == 4  # two series, histogram, depth profile


def test_a_still_has_no_series(make_findings):
    page = html_report(make_findings(1))
    assert "Over the clip" not in page
    assert "Range in the clip" not in page
    assert "still" in page


def test_findings_read_back_give_a_page_without_pictures(make_findings):
    found = make_findings()
    found.attach(None)
    page = html_report(found)
    assert _Page(page).tags.count("img") == 0
    assert "17.0 mm" in page


def test_no_scale_is_said(make_findings):
    assert "No scale known: lengths in pixels" in html_report(make_findings(calibrated=False))


def test_nothing_measured_still_makes_a_page(make_findings):
    found = make_findings()
    found.measurements.clear()
    found.structures.clear()
    assert "Image quality: limited" in html_report(found)
