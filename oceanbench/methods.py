"""The contract that every mapping method keeps: how a method is loaded, run, checked and its map written.

A method is any callable that takes observations and a target grid and gives a map::

    def my_method(observations: xr.Dataset, grid: xr.Dataset) -> xr.Dataset:
        heights = my_model(observations.time, observations.lon, observations.lat, observations.ssh)
        return xr.Dataset({"ssh": (("time", "lat", "lon"), heights)}, coords=grid.coords)

- ``observations`` has one dimension ``obs``: ``time``, ``lon`` (-180..180), ``lat``, ``ssh`` (metres),
  ``mission`` (index into ``attrs["missions"]``), ``line`` and ``pixel`` (place of the sample in its file);
  ``attrs["lines"]`` and ``attrs["pixels"]`` are the numbers of these in the file of each mission (1 pixel for
  a nadir altimeter), ``attrs["error_free"]`` tells that the heights carry no measurement error.
- ``grid`` has the coordinates ``time``, ``lat`` and ``lon`` of the wanted map, all ascending; ``lon`` is in
  -180..180, and goes on beyond 180 where a box crosses the date line.
  Where its attribute ``each_map`` is ``"mean of the day from its time"``, a map is compared with the mean of
  the 24 hours that begin at its time: the noon is then nearer than the instant.
- The result holds ``ssh(time, lat, lon)`` in metres on exactly that grid; beside it, where known,
  ``ssh_error`` (its formal error, metres), ``ugos`` and ``vgos`` (geostrophic currents, m/s).
- A method with a keyword ``mean`` is given the mean height of the challenge there, ``mean(lat, lon)`` in
  metres on a grid of its own that is wider than the map, or None where the challenge has none. It then sees
  and gives absolute heights in every challenge; any other method sees anomalies where the challenge has
  anomalies, and the mean is added to its map.

What computes it is free (PyTorch, JAX, Julia behind a subprocess): only this call is looked at. Give the
function as ``path/to/file.py:my_method``, or register it under the entry-point group ``oceanbench.methods``.
A class whose fields are its parameters (a dataclass with ``__call__``) can be tuned from the command line,
and its parameters are stored with its map; its class attribute ``PRESETS`` may give parameters by challenge.
"""

import dataclasses
import importlib.util
import inspect
import json
import os
import sys
import types
import typing
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, cast, runtime_checkable

import numpy as np
import xarray as xr

from oceanbench.registry import Registry, near_matches

__all__ = [
    "DAILY_MEAN",
    "GROUP",
    "Method",
    "MethodError",
    "check_grid",
    "describe",
    "load_method",
    "method_names",
    "run_method",
    "takes_mean",
    "write_map",
]

GROUP = "oceanbench.methods"
DAILY_MEAN = "mean of the day from its time"
DIMS = ("time", "lat", "lon")
_FIELDS = ("ssh", "ssh_error", "ugos", "vgos")
HEIGHT_LIMIT_M = 20.0

_METHODS = Registry(GROUP, "method")
_FILE_MODULE = "oceanbench_method_file"
_TRUTHS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


class MethodError(TypeError, ValueError):
    """What was given as a method is none."""


@runtime_checkable
class Method(Protocol):
    """Anything that turns observations and a target grid into a map (contract: the head of this module)."""

    def __call__(self, observations: xr.Dataset, grid: xr.Dataset) -> xr.Dataset:
        """Map ``observations`` on ``grid``."""
        ...


# --- a method comes in


def method_names() -> list[str]:
    """Names of the registered methods, sorted; none of them is imported."""
    return _METHODS.names()


def load_method(spec: str, settings: Mapping[str, str] | None = None, *, challenge: str = "") -> Method:
    """Method that ``spec`` names, with the parameters in ``settings`` set.

    Parameters
    ----------
    spec : str
        A registered name (entry-point group ``oceanbench.methods``), or ``path/to/file.py:name`` where
        ``name`` is a function, a class that is built without arguments, a dataclass, or an object that can be
        called. The folder of the file is appended to ``sys.path``: the file can import its neighbours.
    settings : mapping of str to str, optional
        Parameter name to value as text, for a dataclass only. The text is read as the type of the field:
        ``float``, ``int``, ``bool`` (true/false), ``str``, ``Literal`` (one of its values), a tuple of any
        number of one of them (``0.1,0.2``), or one of them ``| None`` (none).
    challenge : str
        Where the class of the method has ``PRESETS`` for it (challenge to parameters), these take the place
        of its defaults; ``settings`` go before both.

    Returns
    -------
    Method

    Raises
    ------
    LookupError
        No method has that name, or the file has no such attribute.
    FileNotFoundError
        The file does not exist.
    ValueError
        Unknown parameter, or a value that its type does not take.
    MethodError
        What was found cannot be called.
    """
    target = _load_from_file(spec) if _names_a_file(spec) else _load_registered(spec)
    method = _built(_preset(target, challenge), spec, settings or {})
    if not callable(method):
        raise MethodError(
            f"{spec!r} is {type(method).__name__}, which cannot be called; "
            "a method takes (observations, grid) and returns a Dataset; give the class a __call__"
        )
    return cast(Method, method)


def _preset(target: object, challenge: str) -> object:
    """Give the target with its parameters for one challenge, or as it is where it has none."""
    presets = getattr(target, "PRESETS", {}).get(challenge, {})
    return cast("Any", target)(**presets) if presets and isinstance(target, type) else target


def _load_registered(name: str) -> object:
    try:
        return _METHODS.load(name)
    except LookupError as error:
        raise LookupError(f"{error}; give a method of your own as path/to/file.py:function") from None


def _names_a_file(spec: str) -> bool:
    return spec.endswith(".py") or spec.rpartition(":")[0].endswith(".py")


def _load_from_file(spec: str) -> object:
    if spec.endswith(".py"):
        raise ValueError(f"{spec!r} names a file but no method in it; write {spec}:function")
    text, _, name = spec.rpartition(":")
    path = Path(text)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {text!r}, from which the method {name!r} was to be loaded")
    module = _import_file(path)
    if not hasattr(module, name):
        public = [
            key
            for key, value in vars(module).items()
            if callable(value) and not key.startswith("_") and value.__module__ == module.__name__
        ]
        raise LookupError(
            f"{text!r} defines no {name!r}; {near_matches(name, public)}"
            f"what can be called there: {', '.join(public) or 'nothing'}"
        )
    return getattr(module, name)


def _import_file(path: Path) -> types.ModuleType:
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)  # last, so that a neighbour of the file shadows no installed package
    name = f"{_FILE_MODULE}.{path.stem}"
    found = importlib.util.spec_from_file_location(name, path)
    if found is None or found.loader is None:
        raise ValueError(f"{str(path)!r} cannot be imported as a Python module")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module  # a dataclass looks its own module up there while it is being made
    try:
        found.loader.exec_module(module)
    except Exception as error:
        raise ValueError(f"{str(path)!r} cannot be imported: {type(error).__name__}: {error}") from error
    return module


def _built(target: object, spec: str, settings: Mapping[str, str]) -> object:
    if dataclasses.is_dataclass(target):
        changes = {key: _parsed(target, spec, key, text) for key, text in settings.items()}
        return target(**changes) if isinstance(target, type) else dataclasses.replace(target, **changes)
    if settings:
        raise ValueError(
            f"{spec!r} has no parameters to set, {', '.join(settings)} was given; "
            "only the fields of a dataclass can be set"
        )
    return target() if isinstance(target, type) else target


# --- parameters as text


def _parsed(target: Any, spec: str, name: str, text: str) -> object:
    cls = target if isinstance(target, type) else type(target)
    fields = {field.name: field for field in dataclasses.fields(cls) if field.init}
    if name not in fields:
        listed = ", ".join(_shown(field) for field in fields.values() if _is_parameter(field))
        raise ValueError(
            f"{spec!r} has no parameter {name!r}; {near_matches(name, fields)}it has: {listed or 'none'}"
        )
    try:
        return _value(text, typing.get_type_hints(cls)[name])
    except ValueError as error:
        raise ValueError(f"parameter {name!r} of {spec!r} was given {text!r}: {error}") from None


def _is_parameter(field: dataclasses.Field[Any]) -> bool:
    """Whether a field changes the map; workers and progress do not."""
    return not field.metadata.get("runtime")


def _shown(field: dataclasses.Field[Any]) -> str:
    return field.name if field.default is dataclasses.MISSING else f"{field.name}={field.default!r}"


def _value(text: str, kind: Any) -> object:
    """Read a text as a type; ValueError says what the type takes."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return _choice(text, arguments)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_value(part.strip(), arguments[0]) for part in text.split(",") if part.strip())
    if origin in (typing.Union, types.UnionType) and type(None) in arguments:
        rest = [argument for argument in arguments if argument is not type(None)]
        return None if text.lower() == "none" else _value(text, rest[0] if len(rest) == 1 else object)
    if kind is bool:
        return _truth(text)
    if kind is str:
        return text
    if kind is int or kind is float:
        return _number(text, kind)
    raise ValueError("this parameter cannot be given as text; set it from Python")


def _choice(text: str, allowed: tuple[Any, ...]) -> object:
    for value in allowed:
        if text == str(value):
            return value
    raise ValueError(f"it takes one of {', '.join(map(str, allowed))}")


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTHS:
        raise ValueError("it takes true or false")
    return _TRUTHS[text.lower()]


def _number(text: str, kind: type[int] | type[float]) -> float:
    try:
        return kind(text)
    except ValueError:
        raise ValueError("it takes a whole number" if kind is int else "it takes a number") from None


# --- a map comes out


def takes_mean(method: Method) -> bool:
    """Whether a method asks for the mean height: it has a keyword ``mean``."""
    return "mean" in inspect.signature(method).parameters


def run_method(
    method: Method, observations: xr.Dataset, grid: xr.Dataset, *, mean: xr.DataArray | None = None
) -> xr.Dataset:
    """Map that ``method`` gives, loaded into memory and checked against the contract.

    Parameters
    ----------
    method : Method
    observations : xr.Dataset, dim obs
        ``time``, ``lon``, ``lat``, ``ssh`` (metres) and the rest of the canonical observations.
    grid : xr.Dataset
        Coordinates ``time``, ``lat``, ``lon`` of the map that is wanted.
    mean : xr.DataArray, dims (lat, lon), in metres, optional
        Mean height, for a method that asks for it.

    Returns
    -------
    xr.Dataset
        ``ssh(time, lat, lon)`` in metres, as given; ``ssh.attrs["missing_count"]`` counts its NaN.

    Raises
    ------
    ValueError
        The grid lacks a coordinate; or the method returned something else than floating-point heights on
        exactly that grid, an infinite one, none at all, or one of 20 m or more.
    """
    check_grid(grid)
    asked = {"mean": mean} if takes_mean(method) else {}
    given = method(observations, grid, **asked)
    _check_kind(given)
    for name in _FIELDS:
        if name in given:
            _check_place(given[name], grid)
    result = given.load().copy()
    result["ssh"].attrs["missing_count"] = _check_heights(result["ssh"])
    return result


def check_grid(grid: xr.Dataset) -> None:
    """Refuse a target grid that lacks an axis, or has one that is not ascending."""
    for name in DIMS:
        if name not in grid.coords or grid[name].dims != (name,) or grid[name].size == 0:
            raise ValueError(
                f"the target grid has no axis {name!r}; it needs 1-D coordinates time, lat and lon"
            )
        if not (grid[name].values[1:] > grid[name].values[:-1]).all():
            raise ValueError(
                f"{name} of the target grid is not ascending ({_span(grid[name])}); use sortby({name!r}), "
                "and longitudes beyond 180 where a box crosses the date line"
            )


def _check_kind(given: object) -> None:
    if not isinstance(given, xr.Dataset):
        cure = "; call .to_dataset(name='ssh') on it" if isinstance(given, xr.DataArray) else ""
        raise ValueError(
            f"the method returned {type(given).__name__}; expected an xarray.Dataset with 'ssh'{cure}"
        )
    if "ssh" not in given.data_vars:
        names = ", ".join(map(str, given.data_vars)) or "no variable"
        raise ValueError(
            f"the method returned {names}; expected 'ssh'; call rename({{'...': 'ssh'}}) on the Dataset"
        )
    if given["ssh"].dtype.kind != "f":
        raise ValueError(
            f"'ssh' was returned as {given['ssh'].dtype}; expected floats in metres; use astype('float64')"
        )


def _check_place(field: xr.DataArray, grid: xr.Dataset) -> None:
    if field.dims != DIMS:
        raise ValueError(
            f"{field.name!r} was returned with dims ({', '.join(map(str, field.dims))}); "
            "expected (time, lat, lon); use transpose('time', 'lat', 'lon')"
        )
    for name in DIMS:
        if name not in field.coords:
            raise ValueError(
                f"{field.name!r} was returned without the coordinate {name!r}; use coords=grid.coords"
            )
        if not np.array_equal(field[name].values, grid[name].values):
            raise ValueError(
                f"{field.name!r} was returned on another grid: {name} is {_span(field[name])}, "
                f"expected {_span(grid[name])}; map on the grid that was given and use coords=grid.coords"
            )


def _span(axis: xr.DataArray) -> str:
    return f"{axis.values[0]}..{axis.values[-1]} ({axis.size} values)" if axis.size else "empty"


def _check_heights(ssh: xr.DataArray) -> int:
    """Number of NaN, once infinite and impossible heights are refused."""
    values = ssh.values
    missing = int(np.isnan(values).sum())
    if missing == values.size:
        raise ValueError(f"all {values.size} values of 'ssh' are NaN; expected heights in metres")
    wrong = ~np.isnan(values) & ~(np.abs(values) < HEIGHT_LIMIT_M)
    if wrong.any():
        first = tuple(int(index) for index in np.argwhere(wrong)[0])
        raise ValueError(
            f"'ssh' holds {int(wrong.sum())} values that are infinite or beyond {HEIGHT_LIMIT_M:g} m, "
            f"the first {values[first]:g} at (time, lat, lon) index {first}; "
            "expected metres: divide centimetres by 100"
        )
    return missing


def describe(method: object) -> dict[str, Any]:
    """Name and parameters of a method, ready for JSON and for the attributes of a file.

    Parameters
    ----------
    method : object
        A method; where it is a dataclass its fields are the parameters. A field with
        ``metadata={"runtime": True}`` (workers, progress: what does not change the map) is left out.

    Returns
    -------
    dict
        ``name``: the registered name, else ``file.py:name`` or ``module:name``; ``parameters``: its fields.
    """
    cls = method if inspect.isfunction(method) or isinstance(method, type) else type(method)
    parameters: dict[str, Any] = {}
    if dataclasses.is_dataclass(method) and not isinstance(method, type):
        fields = [field for field in dataclasses.fields(method) if _is_parameter(field)]
        parameters = {field.name: _plain(getattr(method, field.name)) for field in fields}
    return {"name": _known_name(cls.__module__, cls.__qualname__), "parameters": parameters}


def _known_name(module: str, qualname: str) -> str:
    for name, entry in _METHODS.entries().items():
        if entry.attr == qualname and _is_within(module, entry.module):
            return name
    if module.startswith(f"{_FILE_MODULE}."):
        return f"{module.removeprefix(f'{_FILE_MODULE}.')}.py:{qualname}"
    return f"{module}:{qualname}"


def _is_within(module: str, menu: str) -> bool:
    """Whether a module is the one that an entry point names, or a private part of that package."""
    return module == menu or module.startswith(f"{menu}._")


def _plain(value: Any) -> Any:
    """Give a value that JSON takes; what JSON has no word for is written as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    return str(value)


_VARIABLES: dict[str, dict[str, Any]] = {
    "ssh": {
        "standard_name": "sea_surface_height_above_geoid",
        "long_name": "sea surface height",
        "units": "m",
    },
    "ssh_error": {
        "standard_name": "sea_surface_height_above_geoid standard_error",
        "long_name": "formal error of the sea surface height",
        "units": "m",
    },
    "ugos": {
        "standard_name": "surface_geostrophic_eastward_sea_water_velocity",
        "long_name": "eastward geostrophic current",
        "units": "m s-1",
    },
    "vgos": {
        "standard_name": "surface_geostrophic_northward_sea_water_velocity",
        "long_name": "northward geostrophic current",
        "units": "m s-1",
    },
}
_AXES = {
    "time": {"standard_name": "time", "long_name": "time", "axis": "T"},
    "lat": {"standard_name": "latitude", "long_name": "latitude", "units": "degrees_north", "axis": "Y"},
    "lon": {"standard_name": "longitude", "long_name": "longitude", "units": "degrees_east", "axis": "X"},
}
_TIME_ENCODING = {"units": "days since 1950-01-01 00:00:00", "calendar": "standard", "dtype": "float64"}


def write_map(dataset: xr.Dataset, path: str | Path, *, attributes: Mapping[str, Any]) -> Path:
    """CF-1.11 NetCDF-4 file of a map, complete or not there at all.

    The file is written under another name in the same folder, then renamed: a run that is stopped leaves no
    half file behind, and a reader never sees one.

    Parameters
    ----------
    dataset : xr.Dataset
        ``ssh(time, lat, lon)`` in metres, and ``ssh_error`` if there is one.
    path : path of the file; one that exists is replaced.
    attributes : mapping
        Global attributes (title, method, inputs...). What NetCDF has no type for (mappings, truths, None) is
        written as JSON text.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        There is no ``ssh(time, lat, lon)``.
    FileNotFoundError
        The folder does not exist.
    OSError
        The file cannot be written.
    """
    target = Path(path)
    if "ssh" not in dataset or dataset["ssh"].dims != DIMS:
        raise ValueError(
            "a map is written from a Dataset with ssh(time, lat, lon); pass the result of run_method"
        )
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"there is no folder {str(target.parent)!r} to write {target.name!r} into; make it first"
        )
    written = _with_cf_attributes(dataset, attributes)
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        written.to_netcdf(part, engine="netcdf4", format="NETCDF4", encoding=_encoding(written))
        os.replace(part, target)
    except RuntimeError as error:  # what the library says of a full disk, and of every other trouble
        raise OSError(f"{target} could not be written ({error}); is there room in its folder?") from error
    finally:
        part.unlink(missing_ok=True)
    return target


def _with_cf_attributes(dataset: xr.Dataset, attributes: Mapping[str, Any]) -> xr.Dataset:
    described = dataset.copy().drop_encoding()
    for name, attrs in (_VARIABLES | _AXES).items():
        if name in described.variables:
            kept = {key: _attribute(value) for key, value in described[name].attrs.items()}
            described[name].attrs = kept | attrs
    merged = {**dataset.attrs, **attributes, "Conventions": "CF-1.11"}
    described.attrs = {key: _attribute(value) for key, value in merged.items()}
    return described


def _attribute(value: Any) -> str | int | float | list[Any]:
    plain = _plain(value)
    simple = isinstance(plain, str | int | float) and not isinstance(plain, bool)
    if simple or (isinstance(plain, list) and plain and all(type(item) in (int, float) for item in plain)):
        return cast("str | int | float | list[Any]", plain)
    return json.dumps(plain, ensure_ascii=False)


def _encoding(dataset: xr.Dataset) -> dict[str, dict[str, Any]]:
    axes: dict[str, dict[str, Any]] = {name: {"_FillValue": None} for name in DIMS}
    axes["time"] |= _TIME_ENCODING
    fields = {
        str(name): {"zlib": True, "complevel": 4, "shuffle": True, "_FillValue": np.nan}
        for name, field in dataset.data_vars.items()
        if field.dtype.kind == "f"
    }
    return axes | fields
