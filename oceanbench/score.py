"""What an evaluation says: the numbers, how many points they rest on, and what a report draws."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from oceanbench.challenge import Challenge
from oceanbench.metrics.bootstrap import Interval
from oceanbench.metrics.comparison import Blocks
from oceanbench.rounding import rounded_to_noise

__all__ = [
    "UNDEFINED",
    "Coverage",
    "DenoisingDetails",
    "Details",
    "Evaluation",
    "MapDetails",
    "SwathCoverage",
    "SwathDetails",
    "TrackDetails",
    "rounded_to_noise",
]

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


@dataclass(frozen=True)
class SwathCoverage:
    """How much of what had to be scored the filtered swaths cover.

    Attributes
    ----------
    passes : int
        Passes that were scored.
    points : int
        Pixels at which there is something to filter.
    covered : int
        Those at which the filtered swaths have a value.
    """

    passes: int
    points: int
    covered: int

    @property
    def fraction(self) -> float:
        """Share of the pixels that the filtered swaths cover, 0..1."""
        return self.covered / self.points if self.points else 0.0

    def to_json(self) -> dict[str, Any]:
        """Give the fields and the fraction, for JSON."""
        return {
            "passes": self.passes,
            "points": self.points,
            "covered": self.covered,
            "fraction": self.fraction,
        }


@dataclass(frozen=True)
class SwathDetails:
    """What a report draws of filtered swaths scored against the truth on the same swaths.

    The coordinate ``quantity`` is ``ssh`` (m), ``speed`` (geostrophic, m/s), ``vorticity`` (over f, a pure
    number).

    Attributes
    ----------
    shown : xr.Dataset, dims (num_lines, num_pixels)
        A stretch of one pass, the most telling one: ``ssh_true``, ``ssh_noisy``, ``ssh_filtered`` (m), the
        same of ``speed_`` and ``vorticity_`` (derived pass by pass); coordinates ``lon``, ``lat``, and
        ``cross_track_km(num_pixels)``; attributes ``pass_number``, ``first_line`` and ``posting_km``.
    spectra : xr.Dataset, dims (quantity, wavenumber)
        ``true``, ``noisy``, ``filtered``, ``error`` (filtered - true) and ``noise`` (noisy - true): one-sided
        spectral densities along the track with the official segments, unit² / (cycle/km); wavenumber in
        cycles/km; ``segments(quantity)`` counts them.
    robust_spectra : xr.Dataset
        The same with derivatives pass by pass and the segments of the robust numbers.
    columns : xr.Dataset, dims (quantity, num_pixels)
        ``filtered`` and ``noisy``: root-mean-square error of each column of pixels, derivatives pass by pass;
        coordinate ``cross_track_km``.
    regimes : xr.Dataset, dims (quantity, regime)
        ``filtered`` and ``noisy``: official root-mean-square errors; ``count``: pixels behind them. Regimes
        are ``global``, ``coastal``, ``offshore_low`` and ``offshore_high`` (variability).
    maps : xr.Dataset, dims (quantity, lat, lon)
        ``filtered`` and ``noisy``: root-mean-square error on the 1 degree grid of the official code.
    """

    shown: xr.Dataset
    spectra: xr.Dataset
    robust_spectra: xr.Dataset
    columns: xr.Dataset
    regimes: xr.Dataset
    maps: xr.Dataset


@dataclass(frozen=True)
class DenoisingDetails:
    """What a report draws of filtered swaths that have no truth.

    The coordinate ``quantity`` is ``ssha`` (m), ``gradient`` (squared modulus) and ``laplacian``, in metres
    per pixel.

    Attributes
    ----------
    shown : xr.Dataset, dims (num_lines, num_pixels)
        A stretch of one pass: ``noisy``, ``denoised`` and ``residual`` (m), ``discontinuity_noisy`` and
        ``discontinuity_denoised`` (true where the official code flags one); coordinates as in
        :class:`SwathDetails`.
    spectra : xr.Dataset, dims (quantity, wavenumber)
        ``noisy``, ``denoised`` and ``residual``, cycles/km, with the official runs, which reach over the
        joints of passes; ``segments(quantity, field)`` counts them. The same with ``_by_pass`` on
        ``wavenumber_by_pass``, from segments within passes.
    histograms : xr.Dataset, dims (quantity, bin)
        ``noisy``, ``denoised`` and ``residual``: probability densities; ``centre(quantity, bin)``.
    similarity : xr.Dataset, dims (quantity, pair)
        ``noisy``, ``denoised`` and ``residual``: similarity of two consecutive cycles; the coordinate
        ``quantity`` is ``ssha``, ``speed``, ``vorticity`` here, ``pair`` the first cycle of the two.
    """

    shown: xr.Dataset
    spectra: xr.Dataset
    histograms: xr.Dataset
    similarity: xr.Dataset


type Details = MapDetails | TrackDetails | SwathDetails | DenoisingDetails


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
    coverage : Coverage or SwathCoverage
        How many points were used.
    notes : tuple of str
        What was changed or chosen on the way in, one sentence each.
    scope : str
        Domain, period and truth, in one sentence.
    passport : mapping
        What is needed to compute the numbers again.
    details : MapDetails, TrackDetails, SwathDetails or DenoisingDetails
        What a report draws.
    unfiltered : mapping of str to float
        Of filtered swaths: the official numbers of the swaths as they were given.
    comparison : Blocks, optional
        Sums by day or pass behind the official number by which the challenge ranks, from which two
        evaluations are compared; None where that number does not follow from such sums.
    """

    challenge: Challenge
    track: str
    official: Mapping[str, float]
    robust: Mapping[str, Interval]
    official_units: Mapping[str, str]
    robust_units: Mapping[str, str]
    own_reference: bool
    coverage: Coverage | SwathCoverage
    notes: tuple[str, ...]
    scope: str
    passport: Mapping[str, Any]
    details: Details
    unfiltered: Mapping[str, float] = field(default_factory=dict)
    comparison: Blocks | None = None

    @property
    def own_settings(self) -> bool:
        """Whether settings of the scores were asked for that are not those of the challenge."""
        return bool(self.passport.get("scoring")) or self.passport.get("segment_km") is not None

    def __repr__(self) -> str:
        numbers = ", ".join(f"{name} {value:.4g}" for name, value in self.official.items())
        return f"<Evaluation {self.challenge.id}, track {self.track or 'unknown'}: official {numbers}>"

    def to_json(self) -> dict[str, Any]:
        """Give the stable JSON form; a number that does not exist is null, ``a.b`` is ``b`` within ``a``."""
        numbers: dict[str, Any] = {
            "official": {**_numbers(self.official), "units": _nested(self.official_units)},
            "robust": _nested({name: self._robust_json(name) for name in self.robust}),
        }
        if self.unfiltered:
            numbers["unfiltered"] = _numbers(self.unfiltered)
        return {
            "challenge": self.challenge.id,
            "version": self.challenge.version,
            "track": self.track or None,
            **numbers,
            "coverage": self.coverage.to_json(),
            "own_reference": self.own_reference,
            "scope": self.scope,
            "notes": list(self.notes),
            "passport": dict(self.passport),
        }

    def _robust_json(self, name: str) -> dict[str, Any]:
        interval = self.robust[name]
        return {
            "value": _finite(interval.value),
            "low": _finite(interval.low),
            "high": _finite(interval.high),
            "unit": self.robust_units[name],
        }


def _numbers(scores: Mapping[str, float]) -> dict[str, Any]:
    return _nested({name: _finite(value) for name, value in scores.items()})


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Give ``{"rmse": {"ssh": 1}}`` for ``{"rmse.ssh": 1}``."""
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        *rooms, last = name.split(".")
        room = nested
        for part in rooms:
            room = room.setdefault(part, {})
        room[last] = value
    return nested


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
