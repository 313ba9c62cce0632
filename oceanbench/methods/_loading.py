"""Methods come in: registered ones by name, a user's own from a file."""

import dataclasses
import importlib.util
import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

from oceanbench.methods._filtering import Filter
from oceanbench.methods._mapping import Method
from oceanbench.methods._parameters import parsed
from oceanbench.registry import Registry, near_matches

__all__ = [
    "FILE_MODULE",
    "REGISTRIES",
    "MethodError",
    "filter_names",
    "load_filter",
    "load_method",
    "method_names",
]

type Kind = Literal["mapping", "filter"]

REGISTRIES: dict[Kind, Registry] = {
    "mapping": Registry("oceanbench.methods", "mapping method"),
    "filter": Registry("oceanbench.filters", "filter of swaths"),
}
FILE_MODULE = "oceanbench_method_file"
_CALLED = {"mapping": "takes (observations, grid)", "filter": "takes one swath"}
_OTHER: dict[Kind, Kind] = {"mapping": "filter", "filter": "mapping"}


class MethodError(TypeError, ValueError):
    """What was given as a method is none."""


def method_names() -> list[str]:
    """Names of the registered mapping methods, sorted; none of them is imported."""
    return REGISTRIES["mapping"].names()


def filter_names() -> list[str]:
    """Names of the registered filters of swaths, sorted; none of them is imported."""
    return REGISTRIES["filter"].names()


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
    return cast(Method, _loaded(spec, settings or {}, challenge, "mapping"))


def load_filter(spec: str, settings: Mapping[str, str] | None = None, *, challenge: str = "") -> Filter:
    """Filter of swaths that ``spec`` names, as :func:`load_method` loads a mapping method.

    Raises
    ------
    LookupError, FileNotFoundError, ValueError, MethodError
        As :func:`load_method`.
    """
    return cast(Filter, _loaded(spec, settings or {}, challenge, "filter"))


def _loaded(spec: str, settings: Mapping[str, str], challenge: str, kind: Kind) -> object:
    target = _load_from_file(spec) if _names_a_file(spec) else _load_registered(spec, kind)
    method = _built(_preset(target, challenge), spec, settings)
    if not callable(method):
        raise MethodError(
            f"{spec!r} is {type(method).__name__}, which cannot be called; "
            f"a {REGISTRIES[kind].noun} {_CALLED[kind]} and returns a Dataset; give the class a __call__"
        )
    return method


def _preset(target: object, challenge: str) -> object:
    """Give the target with its parameters for one challenge, or as it is where it has none."""
    presets = getattr(target, "PRESETS", {}).get(challenge, {})
    return cast("Any", target)(**presets) if presets and isinstance(target, type) else target


def _load_registered(name: str, kind: Kind) -> object:
    registry, other = REGISTRIES[kind], REGISTRIES[_OTHER[kind]]
    if name not in registry.entries() and name in other.entries():
        raise LookupError(
            f"{name!r} is a {other.noun}, asked for is a {registry.noun}: {', '.join(registry.names())}"
        )
    try:
        return registry.load(name)
    except LookupError as error:
        raise LookupError(f"{error}; give one of your own as path/to/file.py:function") from None


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
    name = f"{FILE_MODULE}.{path.stem}"
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
        changes = {key: parsed(target, spec, key, text) for key, text in settings.items()}
        return target(**changes) if isinstance(target, type) else dataclasses.replace(target, **changes)
    if settings:
        raise ValueError(
            f"{spec!r} has no parameters to set, {', '.join(settings)} was given; "
            "only the fields of a dataclass can be set"
        )
    return target() if isinstance(target, type) else target
