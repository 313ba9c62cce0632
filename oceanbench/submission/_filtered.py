"""One way in for filtered swaths: pass by pass, paired with the passes that were given."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.submission._problems import Findings, Problem, SubmissionError, listed
from oceanbench.submission._source import OPEN_ERRORS, READ_ERRORS, Source, note_absent_chunks, values_of
from oceanbench.submission._swath_files import check_declared, digest_of, refuse_links_out
from oceanbench.submission._swath_findings import label, named, stop_at_most, tell_by_pass
from oceanbench.submission._swath_height import choose_filtered, in_float_metres
from oceanbench.submission._swath_pairing import Inputs, refuse_other_samples, split_by_time
from oceanbench.swaths import PassFiles, is_zarr, open_swath, pass_files, passes_of

_MOST_PROBLEMS = 20
_LINES_BEYOND = 4  # times the lines of the inputs: extra passes are named, a declared desert is not read
_DIMS = ("num_lines", "num_pixels")

type PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class Filtered[K: (int, tuple[int, int])]:
    """Filtered swaths in the form of their inputs, and what was done to them.

    Attributes
    ----------
    passes : mapping of the keys of the inputs to xr.Dataset, dims (num_lines, num_pixels)
        ``ssh`` in metres, float64, lazy, not looked at yet: see :func:`check_pass`. Coordinates and
        attributes ``cycle_number`` and ``pass_number`` are those of the inputs, and so is the order.
    notes : list of str
        What was changed or left aside on the way in, one sentence each.
    source : str
        The path as given.
    variable : str
        Name of the height in the source.
    attributes : mapping
        Global attributes of the first file.
    sha256 : str
        Of the bytes of the file; of names and bytes of all files, where there are several.
    """

    passes: Mapping[K, xr.Dataset]
    notes: list[str]
    source: str
    variable: str
    attributes: Mapping[str, Any]
    sha256: str

    def heights(self, key: K, lines: slice = slice(None)) -> NDArray[np.float64]:
        """Read the heights of one pass, or of some of its lines, shape (num_lines, num_pixels), metres.

        Raises
        ------
        SubmissionError
            Where the file is damaged there.
        """
        try:
            return np.asarray(values_of(self.passes[key]["ssh"].isel(num_lines=lines)), dtype=np.float64)
        except READ_ERRORS as error:
            message = " ".join(str(error).split())
            what = f"pass {label(key)}: its heights cannot be read: {message}"
            raise SubmissionError(self.source, [Problem(what, "a whole file", "write it again")]) from error


def open_filtered[K: (int, tuple[int, int])](
    source: PathLike | Sequence[PathLike],
    inputs: Mapping[K, xr.Dataset],
    *,
    variable: str | None = None,
    names: Sequence[str] = ("ssh_karin_filt",),
    layout: str = "swath-2022a",
) -> Filtered[K]:
    """Open filtered swaths and pair each pass with its input, by its number and not by its place.

    Sizes, times and positions of all passes are compared with those of the inputs; heights are not read.

    Parameters
    ----------
    source : path or sequence of paths
        A folder with one file for each pass, a NetCDF file or a Zarr folder that joins them with
        ``pass_number`` (and ``cycle_number``) along ``num_lines``, or a list of files. A file that tells no
        number is known by its times.
    inputs : mapping of pass number, or of (cycle number, pass number), to xr.Dataset
        The passes that were given to filter, as ``oceanbench.swaths`` opens them.
    variable : str, optional
        Name of the height, where the files leave a doubt.
    names : sequence of str
        Names of the height that the challenge accepts, the preferred one first.
    layout : str
        See ``oceanbench.swaths.open_swath``.

    Raises
    ------
    FileNotFoundError
        Where there is no such path, or no file of a pass in it.
    SubmissionError
        Where the swaths are refused; it carries the problems of all passes, up to 20.
    ValueError
        Where there are no inputs.
    """
    if not inputs:
        raise ValueError("there is no input to pair filtered swaths with; open the passes that were filtered")
    found = pass_files(source)
    findings = Findings(_name_of(source))
    root = Path(source) if isinstance(source, str | os.PathLike) else None
    refuse_links_out(found.files, root, findings)
    findings.stop_if_refused()  # before anything is opened
    given = Inputs(inputs)
    parts = _gathered(found.files, given, layout, findings)
    examined = {key: _examined(key, part, given, names, variable) for key, part in parts.items()}
    tell_by_pass({key: one.findings for key, one in examined.items()}, findings)
    _note_absent_chunks(parts, examined, findings)
    _refuse_missing(parts, given, found, findings)
    chosen = _one_variable(examined, findings)
    stop_at_most(_MOST_PROBLEMS, findings)
    heights = {key: examined[key].height for key in inputs}
    passes = {key: _in_form_of(inputs[key], height) for key, height in heights.items() if height is not None}
    attributes = dict(next(iter(parts.values())).swath.attrs)
    return Filtered(passes, findings.notes, findings.source, chosen, attributes, digest_of(found.files))


@dataclass(frozen=True)
class _Part:
    """A pass, and the file it was found in."""

    swath: xr.Dataset
    path: Path


@dataclass(frozen=True)
class _Examined:
    """What was found in a pass: its height, if there is one, and what it is called."""

    findings: Findings
    variable: str | None = None
    height: xr.DataArray | None = None


def _name_of(source: PathLike | Sequence[PathLike]) -> str:
    if isinstance(source, str | os.PathLike):
        return repr(os.fspath(source))
    return f"{len(source)} files, the first {os.fspath(source[0])!r}"


def _gathered[K: (int, tuple[int, int])](
    files: Sequence[Path], given: Inputs[K], layout: str, findings: Findings
) -> dict[K, _Part]:
    """Open all files; keep problems about unusable files, and passes that are extra or come twice."""
    parts: dict[K, _Part] = {}
    twice: dict[tuple[Path, Path], list[K]] = {}
    extra: list[str] = []
    for path in files:
        for key, swath in _opened(path, given, layout, findings):
            if key is None:
                extra.append(f"{_numbers_of(swath)} in {str(path)!r}")
            elif key in parts:
                twice.setdefault((parts[key].path, path), []).append(key)
            else:
                parts[key] = _Part(swath, path)
    _refuse_surplus(twice, extra, len(given.passes), findings)
    return parts


def _refuse_surplus[K: (int, tuple[int, int])](
    twice: Mapping[tuple[Path, Path], list[K]], extra: list[str], inputs: int, findings: Findings
) -> None:
    for (one, other), keys in twice.items():
        findings.refuse(
            f"{named(keys)} twice: in {str(one)!r} and {str(other)!r}", "each pass once", "remove one"
        )
    if extra:
        findings.refuse(
            f"passes that are not among the inputs: {listed(extra)}",
            f"those of the {inputs} inputs",
            "remove them, or correct their numbers",
        )


def _opened[K: (int, tuple[int, int])](
    path: Path, given: Inputs[K], layout: str, findings: Findings
) -> list[tuple[K | None, xr.Dataset]]:
    """Open the passes of one file, each with its key among the inputs, if it has one."""
    try:
        check_declared(path, _LINES_BEYOND * given.lines, given.pixels)
        swath = open_swath(path, layout=layout, to_metres=False)
        parts = passes_of(swath)
        if not parts:
            findings.note(f"{path.name} tells no pass number: its lines are known by their times.")
            return list(split_by_time(swath, given))
        return [(_key_of(part, given), part) for part in parts]
    except OPEN_ERRORS as error:
        message = " ".join(str(error).split())
        findings.refuse(
            f"{path.name} cannot be read: {message}",
            "filtered heights in the form of the inputs",
            "write it again",
        )
        return []


def _key_of[K: (int, tuple[int, int])](swath: xr.Dataset, given: Inputs[K]) -> K | None:
    return given.key_of(swath.attrs["pass_number"], swath.attrs.get("cycle_number"))


def _numbers_of(swath: xr.Dataset) -> str:
    cycle = swath.attrs.get("cycle_number")
    return f"{swath.attrs['pass_number']}" + ("" if cycle is None else f" of cycle {cycle}")


def _examined[K: (int, tuple[int, int])](
    key: K, part: _Part, given: Inputs[K], names: Sequence[str], variable: str | None
) -> _Examined:
    """Look at all of a pass but its heights."""
    found = Findings(str(part.path))
    try:
        refuse_other_samples(key, part.swath, given, found)
    except READ_ERRORS as error:
        message = " ".join(str(error).split())
        found.refuse(f"its times or positions cannot be read: {message}", "a whole file", "write it again")
    chosen = choose_filtered(part.swath, found, names, variable)
    if chosen is None:
        return _Examined(found)
    return _Examined(found, chosen, in_float_metres(part.swath[chosen], found))


def _note_absent_chunks[K: (int, tuple[int, int])](
    parts: Mapping[K, _Part], examined: Mapping[K, _Examined], findings: Findings
) -> None:
    """Note what is not stored of Zarr folders: it reads as their fill value."""
    stored = {(parts[key].path, one.variable): parts[key].swath for key, one in examined.items()}
    for (path, variable), swath in stored.items():
        if variable is not None and is_zarr(path):
            note_absent_chunks(Source(swath, None, path), variable, findings)


def _refuse_missing[K: (int, tuple[int, int])](
    parts: Mapping[K, _Part], given: Inputs[K], found: PassFiles, findings: Findings
) -> None:
    """Keep a problem that names the inputs without a filtered pass, and note what was left aside."""
    missing = [label(key) for key in sorted(given.passes) if key not in parts]
    aside = f"left aside in the folder: {listed(found.left_aside)}" if found.left_aside else ""
    if missing:
        findings.refuse(
            f"{len(missing)} of {len(given.passes)} passes are missing: {listed(missing)}",
            "a filtered pass for each input",
            "filter them too" + (f" ({aside})" if aside else ""),
        )
    if aside:
        findings.note(f"{aside[0].upper()}{aside[1:]}.")


def _one_variable[K: (int, tuple[int, int])](examined: Mapping[K, _Examined], findings: Findings) -> str:
    """Give the name of the height, the same in all passes; else keep a problem."""
    called: dict[str, list[K]] = {}
    for key, one in examined.items():
        if one.variable is not None:
            called.setdefault(one.variable, []).append(key)
    if len(called) > 1:
        said = ", ".join(f"{name!r} in {named(keys)}" for name, keys in called.items())
        findings.refuse(f"the height is called {said}", "one name", "rename it, or name one with --variable")
    return next(iter(called), "")


def _in_form_of(given: xr.Dataset, height: xr.DataArray) -> xr.Dataset:
    numbers = {name: given.attrs[name] for name in ("cycle_number", "pass_number") if name in given.attrs}
    data = xr.Variable(_DIMS, height.data, {"units": "m"})
    return xr.Dataset({"ssh": data}, coords=given.coords, attrs=numbers)
