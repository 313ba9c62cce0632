"""What a report draws of denoised swaths that have no truth."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import xarray as xr

from oceanbench.challenge import SwathProtocol
from oceanbench.metrics.denoising import (
    PassHeights,
    histograms,
    run_spectrum,
    squared_gradient,
    unit_laplacian,
)
from oceanbench.score import DenoisingDetails

__all__ = ["denoising_details"]

FloatArray = npt.NDArray[np.float64]
type Fields = Mapping[str, Mapping[str, FloatArray]]

type Lines = npt.NDArray[np.int64]
type Derive = Callable[[FloatArray], FloatArray]

_DIMS = ("num_lines", "num_pixels")
_UNITS = {"ssha": "m", "gradient": "(m/pixel)2", "laplacian": "m/pixel2"}
_DERIVED: Mapping[str, Derive] = {
    "ssha": np.array,
    "gradient": squared_gradient,
    "laplacian": unit_laplacian,
}
_LINE_AFTER = [(0, 1), (0, 0)]
_SHOWN_LINES = 250
_NEARLY = 0.9


def denoising_details(
    region: xr.Dataset,
    heights: PassHeights,
    flags: Mapping[str, npt.NDArray[np.bool_]],
    similarity: xr.Dataset,
    parts: Mapping[tuple[int, int], Lines],
    protocol: SwathProtocol,
) -> DenoisingDetails:
    """Gather the figures of one region.

    Parameters
    ----------
    region : xr.Dataset
        The file, for its coordinates.
    heights : PassHeights
        All lines of the file.
    flags : mapping of ``noisy`` and ``denoised`` to ndarray, shape (lines, pixels)
        Official discontinuities.
    similarity : xr.Dataset, dims (quantity, pair)
    parts : mapping of (cycle, pass) to the lines of it
    protocol : SwathProtocol
    """
    ssh = {
        "noisy": heights.noisy,
        "denoised": heights.denoised,
        "residual": heights.noisy - heights.denoised,
    }
    fields = {
        quantity: {name: derive(field) for name, field in ssh.items()}
        for quantity, derive in _DERIVED.items()
    }
    return DenoisingDetails(
        shown=_shown(region, ssh, flags, parts, protocol),
        spectra=_spectra(fields, ssh, parts, protocol),
        histograms=_histograms(fields),
        similarity=similarity,
    )


def _spectra(
    fields: Fields,
    ssh: Mapping[str, FloatArray],
    parts: Mapping[tuple[int, int], Lines],
    protocol: SwathProtocol,
) -> xr.Dataset:
    """Give the official spectra, and beside them (``..._by_pass``) those of runs within passes."""
    apart = {
        quantity: {name: _pass_by_pass(derive, field, parts) for name, field in ssh.items()}
        for quantity, derive in _DERIVED.items()
    }
    official = _run_spectra(fields, protocol.segment_km, protocol.posting_km)
    robust = _run_spectra(apart, protocol.robust_segment_km, protocol.posting_km)
    names = [*robust.data_vars, "wavenumber"]
    renamed = robust.rename({name: f"{name}_by_pass" for name in names})
    spectra = official.merge(renamed, compat="equals", join="exact")
    return spectra.assign_attrs(segment_km=protocol.segment_km, segment_by_pass_km=protocol.robust_segment_km)


def _pass_by_pass(derive: Derive, ssh: FloatArray, parts: Mapping[tuple[int, int], Lines]) -> FloatArray:
    """Derive each pass alone; a missing line after each lets no run go on in the next."""
    return np.vstack(
        [np.pad(derive(ssh[lines]), _LINE_AFTER, constant_values=np.nan) for lines in parts.values()]
    )


def _run_spectra(fields: Fields, segment_km: float, posting_km: float) -> xr.Dataset:
    length = round(segment_km / posting_km)
    found = {
        quantity: {name: run_spectrum(field, length, posting_km) for name, field in by_name.items()}
        for quantity, by_name in fields.items()
    }
    names = list(found["ssha"])
    densities = {name: [found[quantity][name].density for quantity in found] for name in names}
    counts = [[found[quantity][name].runs for name in names] for quantity in found]
    return xr.Dataset(
        {name: (("quantity", "wavenumber"), np.stack(values)) for name, values in densities.items()}
        | {"segments": (("quantity", "field"), np.array(counts, dtype=np.int64))},
        coords={
            "quantity": list(found),
            "field": names,
            "wavenumber": ("wavenumber", found["ssha"]["noisy"].wavenumber, {"units": "cycles/km"}),
            "units": ("quantity", list(_UNITS.values())),
        },
    )


def _histograms(fields: Fields) -> xr.Dataset:
    found = {
        quantity: histograms(by_name, logarithmic=quantity == "gradient")
        for quantity, by_name in fields.items()
    }
    dims = ("quantity", "bin")
    densities = {
        name: (dims, np.stack([one.density[name] for one in found.values()])) for name in fields["ssha"]
    }
    return xr.Dataset(
        densities,
        coords={
            "quantity": list(found),
            "centre": (dims, np.stack([one.centre for one in found.values()])),
            "units": ("quantity", list(_UNITS.values())),
        },
    )


def _shown(
    region: xr.Dataset,
    ssh: Mapping[str, FloatArray],
    flags: Mapping[str, npt.NDArray[np.bool_]],
    parts: Mapping[tuple[int, int], Lines],
    protocol: SwathProtocol,
) -> xr.Dataset:
    (cycle, number), first, lines = _telling_stretch(ssh["denoised"], parts)
    fields = dict(ssh) | {f"discontinuity_{name}": field for name, field in flags.items()}
    coordinates = {
        name: region[name] for name in ("time", "lon", "lat", "cross_track_km") if name in region.coords
    }
    shown = xr.Dataset(
        {name: (_DIMS, field[lines]) for name, field in fields.items()},
        coords={
            name: (c.dims, c.isel(num_lines=lines).values if _DIMS[0] in c.dims else c.values)
            for name, c in coordinates.items()
        },
    )
    return shown.assign_attrs(
        cycle_number=cycle, pass_number=number, first_line=first, posting_km=protocol.posting_km
    )


def _telling_stretch(
    ssh: FloatArray, parts: Mapping[tuple[int, int], Lines]
) -> tuple[tuple[int, int], int, Lines]:
    """Choose the stretch with the greatest relief among those with hardly any gap more than the fullest.

    Gives its (cycle, pass), its first line within the pass, and its lines.
    """
    stretches = [
        (key, start, lines[start : start + _SHOWN_LINES])
        for key, lines in parts.items()
        for start in range(0, max(lines.size - _SHOWN_LINES // 2, 1), _SHOWN_LINES)
    ]
    counts = np.array([np.isfinite(ssh[lines]).sum() for _, _, lines in stretches])
    relief = np.array([_relief(ssh[lines]) for _, _, lines in stretches])
    best = int(np.argmax(np.where(counts >= _NEARLY * counts.max(), relief, -1.0)))
    return stretches[best]


def _relief(ssh: FloatArray) -> float:
    there = ssh[np.isfinite(ssh)]
    return float(there.std()) if there.size else 0.0
