"""Reads a file of test_table.c with h5py and pandas and compares it with the formulas of item_at() there."""
import sys
import warnings

import h5py
import numpy as np
import pandas as pd

warnings.simplefilter("error")
path, count = sys.argv[1], int(sys.argv[2])

i = np.arange(count, dtype=np.uint64)
hash_ = (i + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)


def bits(shift):
    return hash_ >> np.uint64(shift)


notes = np.array(["", "short", "exactly12byt", "gr\u00fc\u00df"], dtype=object)
outcomes = np.array(["completed", "failed", "timed-out"], dtype=object)
expected = {
    "number": i.astype(np.int64) - 5,
    "start_ns": (i * np.uint64(10000000) + hash_ % np.uint64(9000000)).astype(np.int64),
    "weight": bits(40) / 1024,
    "note": notes[(bits(20) & np.uint64(3)).astype(int)],
    "small": bits(50).astype(np.int32) - 8000,
    "outcome": outcomes[(bits(33) % np.uint64(3)).astype(int)],
    "tries": bits(56).astype(np.uint8),
    "is_cold": bits(30) % np.uint64(7) == 0,
}

with h5py.File(path, "r") as f:
    rows = f["requests"][:]
    assert list(rows.dtype.names) == list(expected)
    for name, values in expected.items():
        if values.dtype == object:
            values = np.array([v.encode() for v in values])
        assert (rows[name] == values).all(), name
    assert f.attrs["complete"] == 1
    assert f.attrs["seed"] == -(2**63)
    assert isinstance(f.attrs["scenario"], str) and len(f.attrs["scenario"]) == 200000
    assert f["requests"].attrs["unit_start_ns"] == "ns"
    assert f["requests"].compression == "gzip" and f["requests"].shuffle
    assert len(f["series/pools/tts"]) == 3 and len(f["series/nothing"]) == 0

frame = pd.read_hdf(path, "requests")
assert list(frame.columns) == list(expected)
for name, values in expected.items():
    assert (frame[name].to_numpy() == values).all(), name
    assert frame[name].dtype == values.dtype, (name, frame[name].dtype)
assert frame[frame.is_cold].shape[0] == expected["is_cold"].sum()
assert len(pd.read_hdf(path, "series/pools/tts")) == 3
assert len(pd.read_hdf(path, "series/nothing")) == 0
