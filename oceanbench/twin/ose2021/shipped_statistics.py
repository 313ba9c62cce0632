"""Statistics of what is shipped: the truth under every track, and the judge's file."""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from oceanbench.twin.ose2021 import design
from oceanbench.twin.ose2021.fleet import JUDGE, MAPPED
from oceanbench.twin.track_heights import COUNT, read_track_heights


def track_statistics(folder: Path) -> dict[str, Any]:
    """Statistics along the tracks of a twin's data folder, box and margin, in metres.

    For each altimeter the number of samples and the standard deviation of the truth under them; for the
    judge, from its file, that of the anomalies and of the estimated error too.
    """
    heights = read_track_heights(folder / design.HEIGHTS_FILE)
    tracks = {
        a.name: {"samples": heights[a.name].size, "truth_std_m": _std(heights[a.name] * COUNT)}
        for a in MAPPED
    }
    with xr.open_dataset(folder / design.OBSERVATIONS_FOLDER / JUDGE.file_name, engine="netcdf4") as judge:
        observed = (judge["sla_unfiltered"] + judge["mdt"] - judge["lwe"]).to_numpy()
        tracks[JUDGE.name] = {
            "samples": observed.size,
            "height_std_m": _std(observed),
            "anomaly_std_m": _std(judge["sla_unfiltered"].to_numpy()),
            "lwe_std_m": _std(judge["lwe"].to_numpy()),
        }
    return tracks


def _std(values: np.ndarray[Any, Any]) -> float:
    return round(float(values.astype(np.float64).std()), 4)
