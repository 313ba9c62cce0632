"""What an evaluation says: the numbers, how many points they rest on, and what a report draws."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from oceanbench.challenge import Challenge
from oceanbench.metrics.bootstrap import Interval

__all__ = ["UNDEFINED", "Coverage", "Evaluation", "MapDetails", "TrackDetails"]

Floats = npt.NDArray[np.float64]

# A wavelength of a map with holes: what fills them is smoother or rougher than what should be there, and a
# hole must never improve a score, so there is none.
UNDEFINED = Interval(math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Coverage:
    """How much of what had to be scored the map covers.

    Attributes
    ----------
    points : int
        Points where the reference exists (grid points times days, or samples of the track).
    covered : int
        Those at which the map has a value.
    days_official, days_robust : int
        Days that enter the official and the robust numbers.
    holes : str
        What a point without a value means: ``refuse``, ``zero`` or ``official``.
    """

    points: int
    covered: int
    days_official: int
    days_robust: int
    holes: str

    @property
    def fraction(self) -> float:
        """Share of the points that the map covers, 0..1."""
        return self.covered / self.points if self.points else 0.0

    def to_json(self) -> dict[str, Any]:
        """Give the fields and the fraction, for JSON."""
        return {
            "points": self.points,
            "covered": self.covered,
            "fraction": self.fraction,
            "days_official": self.days_official,
            "days_robust": self.days_robust,
            "holes": self.holes,
        }


@dataclass(frozen=True)
class MapDetails:
    """What a report draws of a map scored against a gridded truth.

    Attributes
    ----------
    date : numpy.datetime64
        The middle of the evaluation.
    truth, estimate : xr.DataArray, dims (lat, lon), metres
        Both fields on that date, on the grid of the truth.
    daily, rmse : xr.DataArray, dims (time,)
        Official score of each day, 1 - RMSE / RMS of the truth, and its RMSE in metres.
    plane : xr.DataArray, dims (freq_time, freq_lon)
        Official score 1 - PSD(error) / PSD(truth); cycles per day, cycles per degree of longitude.
    contour : tuple of arrays (n, 2)
        Pieces of its 0.5 level: wavelength (degrees), period (days). The official code reads the first.
    robust_plane : xr.DataArray, dims (freq_time, freq_lon)
        The same score with both directions of propagation.
    robust_boundary : array (n, 2)
        Edge of its resolved region: cycles per degree, cycles per day.
    isotropic, robust_isotropic : xr.DataArray, dims (freq_r,), optional
        Score by the length of the wave vector, cycles per km, where the official code has one: with its
        distances, and with true ones.
    """

    date: np.datetime64
    truth: xr.DataArray
    estimate: xr.DataArray
    daily: xr.DataArray
    rmse: xr.DataArray
    plane: xr.DataArray
    contour: tuple[Floats, ...]
    robust_plane: xr.DataArray
    robust_boundary: Floats
    isotropic: xr.DataArray | None = None
    robust_isotropic: xr.DataArray | None = None


@dataclass(frozen=True)
class TrackDetails:
    """What a report draws of a map scored along an altimeter's track.

    Attributes
    ----------
    time, lon, lat, reference, estimate : arrays (n,)
        The scored samples: datetime64, degrees, degrees, metres, metres.
    daily, rmse : xr.DataArray, dims (time,)
        Official score of each day, and its RMSE in metres.
    wavenumber : array (k,)
        Cycles per km.
    psd_reference, psd_estimate, psd_error : arrays (k,)
        Mean spectral densities along the track, m2 / (cycle/km).
    segments : int
        Number of segments behind them.
    """

    time: npt.NDArray[np.datetime64]
    lon: Floats
    lat: Floats
    reference: Floats
    estimate: Floats
    daily: xr.DataArray
    rmse: xr.DataArray
    wavenumber: Floats
    psd_reference: Floats
    psd_estimate: Floats
    psd_error: Floats
    segments: int


@dataclass(frozen=True, repr=False)
class Evaluation:
    """The scores of one map on one challenge.

    Attributes
    ----------
    challenge : Challenge
        The definition behind the protocol.
    track : str
        Name of the track, or ``""`` where the map does not say.
    official : mapping of str to float
        What the challenge's own code computes; NaN where it computes nothing.
    robust : mapping of str to Interval
        The same quantities done right, with 95 % confidence intervals.
    official_units, robust_units : mapping of str to str
        Unit of each; ``"1"`` for a pure number.
    own_reference : bool
        Whether the truth was the user's own, so that these are not scores of the challenge.
    coverage : Coverage
        How many points were used.
    notes : tuple of str
        What was changed or chosen on the way in, one sentence each.
    scope : str
        Domain, period and truth, in one sentence.
    passport : mapping
        What is needed to compute the numbers again.
    details : MapDetails or TrackDetails
        What a report draws.
    """

    challenge: Challenge
    track: str
    official: Mapping[str, float]
    robust: Mapping[str, Interval]
    official_units: Mapping[str, str]
    robust_units: Mapping[str, str]
    own_reference: bool
    coverage: Coverage
    notes: tuple[str, ...]
    scope: str
    passport: Mapping[str, Any]
    details: MapDetails | TrackDetails

    def __repr__(self) -> str:
        numbers = ", ".join(f"{name} {value:.4g}" for name, value in self.official.items())
        return f"<Evaluation {self.challenge.id}, track {self.track or 'unknown'}: official {numbers}>"

    def to_json(self) -> dict[str, Any]:
        """Give the stable JSON form; a number that does not exist is null."""
        return {
            "challenge": self.challenge.id,
            "version": self.challenge.version,
            "track": self.track or None,
            "official": {
                **{name: _finite(value) for name, value in self.official.items()},
                "units": dict(self.official_units),
            },
            "robust": {
                name: {
                    "value": _finite(interval.value),
                    "low": _finite(interval.low),
                    "high": _finite(interval.high),
                    "unit": self.robust_units[name],
                }
                for name, interval in self.robust.items()
            },
            "coverage": self.coverage.to_json(),
            "own_reference": self.own_reference,
            "scope": self.scope,
            "notes": list(self.notes),
            "passport": dict(self.passport),
        }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
