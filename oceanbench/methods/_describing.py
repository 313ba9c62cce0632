"""What a method says of itself: its name and its parameters."""

import dataclasses
import inspect
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from typing import Any

import numpy as np

from oceanbench.methods._loading import FILE_MODULE, REGISTRIES
from oceanbench.methods._parameters import is_parameter

__all__ = ["describe", "plain"]


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
        fields = [field for field in dataclasses.fields(method) if is_parameter(field)]
        parameters = {field.name: plain(getattr(method, field.name)) for field in fields}
    return {"name": _known_name(cls.__module__, cls.__qualname__), "parameters": parameters}


def _known_name(module: str, qualname: str) -> str:
    for name, entry in _entries():
        if entry.attr == qualname and _is_within(module, entry.module):
            return name
    if module.startswith(f"{FILE_MODULE}."):
        return f"{module.removeprefix(f'{FILE_MODULE}.')}.py:{qualname}"
    return f"{module}:{qualname}"


def _entries() -> list[tuple[str, EntryPoint]]:
    return [entry for registry in REGISTRIES.values() for entry in registry.entries().items()]


def _is_within(module: str, menu: str) -> bool:
    """Whether a module is the one that an entry point names, or a private part of that package."""
    return module == menu or module.startswith(f"{menu}._")


def plain(value: Any) -> Any:
    """Give a value that JSON takes; what JSON has no word for is written as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    return str(value)
