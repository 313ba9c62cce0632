"""A filter on a challenge: it goes through the passes one by one, several at a time."""

import glob
import json
import os
import platform
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xarray as xr

from oceanbench.challenge import Challenge, DataFile, Track
from oceanbench.data_files import MissingDataError, observation_files
from oceanbench.methods import Filter, describe, load_filter, run_filter
from oceanbench.parallel import processors, side_by_side
from oceanbench.passport import files_digest, software
from oceanbench.progress import Progress
from oceanbench.running._identity import identity
from oceanbench.swaths import (
    few_open_files,
    height_in,
    open_passes,
    open_swath,
    pass_file_name,
    split_passes,
    write_pass,
)

__all__ = ["FilterRun", "filter_challenge", "given_passes", "sample_passes"]

_BATCH = 2  # passes for each worker that are in memory at once

type Passes = Mapping[int, xr.Dataset] | Mapping[tuple[int, int], xr.Dataset]


@dataclass(frozen=True)
class FilterRun:
    """What a filter left in a folder.

    Attributes
    ----------
    passes : int
        Number of passes, one file each.
    pixels : int
        Heights that were filtered.
    attributes : mapping
        Challenge, track, filter, parameters, inputs, versions: the same in every file.
    seconds : float
        Wall time, reading and writing included.
    replaced : int
        Files of the same passes that the folder held before.
    """

    passes: int
    pixels: int
    attributes: Mapping[str, Any]
    seconds: float
    replaced: int = 0


def given_passes(
    challenge: Challenge,
    track: Track,
    *,
    source: Path | None = None,
    data: Path | None = None,
    progress: Progress | None = None,
) -> tuple[Passes, list[Path]]:
    """Open the passes that a filter is given on one track, and tell their files.

    Parameters
    ----------
    challenge : Challenge
    track : Track
    source : path, optional
        A folder of passes to take instead of those of the challenge.
    data : path, optional
        Folder in which the files of the challenge are looked for first.
    progress : callable, optional
        Called with a sentence and a fraction where files are made first.

    Returns
    -------
    tuple of mapping and list of path
        Pass number to xr.Dataset; (cycle number, pass number) where files hold several cycles. Values are
        read when they are used.
    """
    file = challenge.file(track.observations[0])
    paths = [source] if source else _own_files(challenge, file, data, progress)
    if challenge.kind == "filter-ose":
        return _of_cycles(paths, file), paths
    return open_passes(source or paths, layout=file.layout), paths


def _own_files(
    challenge: Challenge, file: DataFile, data: Path | None, progress: Progress | None
) -> list[Path]:
    try:
        return observation_files(challenge, file, data, progress)
    except MissingDataError as error:
        own = "FILE" if challenge.kind == "filter-ose" else "FOLDER"
        raise MissingDataError(
            f"{error}; or filter passes that you have with: oceanbench run --input {own}"
        ) from error


def _of_cycles(paths: list[Path], file: DataFile) -> dict[tuple[int, int], xr.Dataset]:
    passes: dict[tuple[int, int], xr.Dataset] = {}
    for path in paths:
        passes |= split_passes(open_swath(path, layout=file.layout, variables=list(file.height)))
    return passes


def filter_challenge(
    challenge: Challenge,
    spec: str,
    track: Track,
    output: Path,
    *,
    settings: Mapping[str, str] | None = None,
    source: Path | None = None,
    data: Path | None = None,
    workers: int = 0,
    progress: Progress | None = None,
) -> FilterRun:
    """Filter all passes of one track and write one file for each into a folder.

    The filter sees the noisy heights and where they are, nothing else: neither the truth nor the masks that
    are made from it. The folder gets its name when all passes are there; in one that exists, the files of
    the same passes are replaced.

    Parameters
    ----------
    challenge : Challenge
    spec : str
        Name of a registered filter, or ``path/to/file.py:function``.
    track : Track
    output : path
        Folder to write into.
    settings : mapping of str to str, optional
        Parameters of the filter by name.
    source, data : path, optional
        As in :func:`given_passes`.
    workers : int
        Passes at a time; 0: as many as there are processors.
    progress : callable, optional
        Called with a sentence and a fraction.

    Raises
    ------
    LookupError, ValueError
        If there is no such filter, or it breaks the contract on a pass; the message names the pass.
    FileExistsError
        If the folder holds passes that this run does not make.
    """
    method = load_filter(spec, settings or {}, challenge=challenge.id)
    attributes = {
        "method": describe(method)["name"],
        "method_parameters": json.dumps(describe(method)["parameters"]),
    }
    return _filtered(challenge, method, track, output, attributes, source, data, workers, progress)


def sample_passes(challenge: Challenge, track: Track, output: Path, *, data: Path | None = None) -> FilterRun:
    """Write a folder that every check accepts: the noisy heights as they are, what a filter has to beat."""
    comment = {"comment": "a sample: the heights as they were given; put your own filtered heights here"}
    return _filtered(challenge, _as_given, track, output, comment, None, data, 0, None)


def _as_given(swath: xr.Dataset) -> xr.Dataset:
    return swath[["ssh"]]


def _filtered(
    challenge: Challenge,
    method: Filter,
    track: Track,
    output: Path,
    attributes: Mapping[str, Any],
    source: Path | None,
    data: Path | None,
    workers: int,
    progress: Progress | None,
) -> FilterRun:
    started = time.perf_counter()
    passes, paths = given_passes(challenge, track, source=source, data=data, progress=progress)
    variable = challenge.submission.variables[0]
    swaths = list(passes.values())
    names = [pass_file_name(swath, variable) for swath in swaths]
    _refuse_strangers(output, set(names))
    replaced = sum((output / name).exists() for name in names)
    said = {
        **identity(challenge, track.id),
        **attributes,
        "inputs_sha256": files_digest(paths),
        "software": json.dumps(dict(software())),
        "date_created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    file = challenge.file(track.observations[0])

    def one(position: int) -> xr.Dataset:
        swath = noisy_swath(swaths[position], file)
        return swath.assign(ssh=run_filter(method, swath))

    pixels = 0
    with _folder_when_done(output) as making, few_open_files():
        for batch in _batches(len(swaths), _BATCH * processors(workers)):
            # files are written between batches: the library of NetCDF takes one thread at a time
            for position, filtered in zip(batch, side_by_side(one, batch, workers=workers), strict=True):
                write_pass(filtered, making / names[position], attributes=said, variable=variable)
                pixels += int(filtered["ssh"].notnull().sum())
            if progress is not None:
                progress("filtering", batch.stop / len(swaths))
    return FilterRun(len(swaths), pixels, said, time.perf_counter() - started, replaced)


def _batches(count: int, size: int) -> Iterator[range]:
    return (range(start, min(start + size, count)) for start in range(0, count, size))


def noisy_swath(swath: xr.Dataset, file: DataFile) -> xr.Dataset:
    """Give what a filter sees of one pass, in memory: ``ssh`` in metres and where it is.

    Raises
    ------
    ValueError
        If the pass lacks a height of ``file``.
    """
    ssh = xr.DataArray(height_in(swath, file.height), dims=("num_lines", "num_pixels"))
    kept = {name: swath.attrs[name] for name in ("cycle_number", "pass_number") if name in swath.attrs}
    return xr.Dataset({"ssh": ssh}, coords=swath.coords, attrs=kept).compute()


def _refuse_strangers(output: Path, names: set[str]) -> None:
    """Refuse a folder with passes of others: together they would be submitted as one."""
    if output.is_file():
        raise FileExistsError(f"{output} is a file; -o names the folder that gets one file for each pass")
    strangers = sorted({path.name for path in output.glob("*.nc")} - names) if output.is_dir() else []
    if strangers:
        raise FileExistsError(
            f"{output} holds {len(strangers)} files that this run does not make, such as {strangers[0]}; "
            "name a new folder"
        )


@contextmanager
def _folder_when_done(output: Path) -> Iterator[Path]:
    """Give a folder beside the wanted one, whose files go there when all is well, and nowhere else."""
    place = output.absolute()
    here = f".{place.name}.{platform.node()}."
    making = place.with_name(f"{here}{os.getpid()}.making")
    for left in place.parent.glob(f"{glob.escape(here)}*.making"):  # of runs that were killed here
        if left == making or not _runs(left.suffixes[-2].removeprefix(".")):
            shutil.rmtree(left, ignore_errors=True)
    try:
        making.mkdir()
    except OSError as error:
        raise OSError(error.errno, f"{output} cannot be written ({error.strerror})") from error
    try:
        yield making
        _move(making, output)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _runs(process: str) -> bool:
    """Tell whether a process is there; where asking would disturb it, say so of any."""
    if os.name == "nt":
        return True
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _move(making: Path, output: Path) -> None:
    if not output.exists():
        making.rename(output)
        return
    for path in making.iterdir():
        path.replace(output / path.name)
