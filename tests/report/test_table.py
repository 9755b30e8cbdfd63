from __future__ import annotations

import csv
import io

import pytest

from mskus.report.table import COLUMNS, measurement_csv, measurement_table


def test_one_row_a_measurement_and_frame(make_findings):
    table = make_findings().to_frame()
    assert list(table.columns) == list(COLUMNS)
    assert table["name"].tolist() == ["muscle_thickness_mean_mm", "pennation_angle_deg"] * 3
    assert table["frame"].tolist() == [0, 0, 1, 1, 2, 2]
    assert table["time_s"].tolist() == [0.0, 0.0, 0.5, 0.5, 1.0, 1.0]
    assert table.loc[2, ["value", "low", "high"]].tolist() == [17.0, 16.5, 17.5]


def test_a_withheld_value_is_a_gap_with_its_reason(make_findings):
    row = make_findings().to_frame().iloc[5]
    assert row["value"] != row["value"]
    assert row["withheld"] == "fascicles not visible"


def test_flags_are_joined(make_findings):
    assert make_findings().to_frame().iloc[1]["flags"] == "faint; half outside"


def test_a_value_of_the_whole_clip_has_no_frame_and_no_time(make_findings):
    found = make_findings()
    found.measurements.append(found.measurements[0].model_copy(update={"frame": None}))
    row = measurement_table(found).iloc[-1]
    assert row.isna()[["frame", "time_s"]].all()


def test_csv_holds_the_same_cells(make_findings):
    rows = list(csv.DictReader(io.StringIO(measurement_csv(make_findings()))))
    assert tuple(rows[0]) == COLUMNS
    assert (rows[4]["value"], rows[4]["low"], rows[4]["frame"], rows[4]["time_s"]) == ("18.5", "18", "2", "1")
    assert (rows[5]["value"], rows[5]["low"], rows[5]["withheld"]) == ("", "", "fascicles not visible")


def test_no_measurement_gives_a_table_with_columns(make_findings):
    found = make_findings()
    found.measurements.clear()
    assert measurement_table(found).empty
    assert measurement_csv(found) == ",".join(COLUMNS) + "\n"


@pytest.mark.parametrize("times", [None, ()])
def test_unknown_times_are_gaps(make_findings, times):
    found = make_findings()
    found.manifest = found.manifest.model_copy(update={"frame_times_s": times})
    assert measurement_table(found)["time_s"].isna().all()
