"""The contract of filters of swaths, and the checks of what they give."""

import traceback
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import xarray as xr

from oceanbench.methods._mapping import HEIGHT_LIMIT_M

__all__ = ["Filter", "run_filter"]

_DIMS = ("num_lines", "num_pixels")


@runtime_checkable
class Filter(Protocol):
    """Anything that takes the noise out of one pass (contract: ``oceanbench.methods``)."""

    def __call__(self, swath: xr.Dataset) -> xr.Dataset:
        """Filter one pass."""
        ...


def run_filter(method: Filter, swath: xr.Dataset) -> xr.DataArray:
    """Heights that ``method`` gives for one pass, loaded into memory and checked against the contract.

    Parameters
    ----------
    method : Filter
    swath : xr.Dataset
        One pass as ``oceanbench.methods`` says, in memory.

    Returns
    -------
    xr.DataArray, dims (num_lines, num_pixels), in metres
        Missing where ``swath.ssh`` is.

    Raises
    ------
    ValueError
        The filter raised an error, or returned something else than floating-point heights on the lines and
        pixels of the pass, or none where there was one, or one that is infinite or 20 m or more off.
    """
    where = f"pass {swath.attrs.get('pass_number', '?')}"
    measured = swath["ssh"].values.copy()  # a filter may write into what it is given
    given = _given_by(method, swath.copy(deep=True), where)
    if not isinstance(given, xr.Dataset):
        cure = "; call .to_dataset(name='ssh') on it" if isinstance(given, xr.DataArray) else ""
        raise ValueError(f"{where}: the filter returned {type(given).__name__}; expected a Dataset{cure}")
    if "ssh" not in given.data_vars:
        names = ", ".join(map(str, given.data_vars)) or "no variable"
        raise ValueError(f"{where}: the filter returned {names}; expected 'ssh'")
    ssh = given["ssh"]
    if ssh.dims != _DIMS or ssh.shape != measured.shape or ssh.dtype.kind != "f":
        raise ValueError(
            f"{where}: 'ssh' was returned as {ssh.dtype} with dims {dict(ssh.sizes)}; expected floats with "
            f"dims {dict(zip(_DIMS, measured.shape, strict=True))}"
        )
    values = np.where(np.isnan(measured), np.nan, np.asarray(ssh.values, dtype=np.float64))
    _check_heights(values, measured, where)
    return xr.DataArray(values, dims=_DIMS, coords=swath.coords, name="ssh", attrs={"units": "m"})


def _given_by(method: Filter, swath: xr.Dataset, where: str) -> object:
    try:
        return method(swath)
    except Exception as error:  # whatever a filter of the user's raises, the pass is what tells where to look
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}, line {last.lineno}"
        raise ValueError(f"{where}: the filter raised {type(error).__name__}: {error} ({place})") from error


def _check_heights(values: np.ndarray, measured: np.ndarray, where: str) -> None:
    there = ~np.isnan(measured)
    lost = there & ~np.isfinite(values)
    if lost.any():
        raise ValueError(
            f"{where}: the filter gave no height at {int(lost.sum())} of the {int(there.sum())} measured "
            f"pixels, the first at (line, pixel) {_first(lost)}; expected one wherever there was one"
        )
    with np.errstate(invalid="ignore"):
        wrong = np.abs(values - measured) >= HEIGHT_LIMIT_M
    if wrong.any():
        raise ValueError(
            f"{where}: the filter moved {int(wrong.sum())} heights by {HEIGHT_LIMIT_M:g} m or more, the "
            f"first at (line, pixel) {_first(wrong)}; expected metres about the same surface"
        )


def _first(where: np.ndarray) -> tuple[int, ...]:
    return tuple(int(index) for index in np.argwhere(where)[0])
