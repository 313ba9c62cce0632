"""Menus whose names are imported when they are first used, so that a command loads only what it needs."""

from collections.abc import Callable, Mapping
from importlib import import_module

__all__ = ["lazy_names"]


def lazy_names(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Give the ``__getattr__`` of a package whose names live in modules of it.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    homes : mapping of str to str
        The module, below the package, that each name comes from.

    Examples
    --------
    >>> lazy_names("os", {"join": "path"})("join").__name__
    'join'
    >>> lazy_names("os", {"join": "path"})("absent")
    Traceback (most recent call last):
    AttributeError: module 'os' has no attribute 'absent'
    """

    def get(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{homes[name]}"), name)

    return get
