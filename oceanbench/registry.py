"""Entries that packages register under an entry-point group: methods, commands, challenge folders."""

from collections.abc import Iterable
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points

__all__ = ["Registry", "near_matches"]


class Registry:
    """The entries of one entry-point group; listing imports nothing, loading imports one.

    Parameters
    ----------
    group : str
        Name of the group, for instance ``"oceanbench.methods"``.
    noun : str
        What one entry is called in messages, for instance ``"method"``.
    """

    def __init__(self, group: str, noun: str) -> None:
        self.group = group
        self.noun = noun

    def entries(self) -> dict[str, EntryPoint]:
        """Give the installed entries by name, without importing them."""
        return {entry.name: entry for entry in sorted(entry_points(group=self.group))}

    def names(self) -> list[str]:
        """Give the names of the installed entries, sorted."""
        return sorted(self.entries())

    def load(self, name: str) -> object:
        """Import the entry called ``name``.

        Raises
        ------
        LookupError
            If no installed package registers that name; the message gives the near matches.
        """
        entries = self.entries()
        if name not in entries:
            raise LookupError(
                f"no {self.noun} is called {name!r}; {near_matches(name, entries)}"
                f"installed: {', '.join(sorted(entries)) or 'none'}"
            )
        return entries[name].load()


def near_matches(name: str, known: Iterable[str]) -> str:
    """Give ``"did you mean X? "`` for the known names close to ``name``, or an empty string.

    Examples
    --------
    >>> near_matches("2020b", ["2020a", "2021a", "medsea-2021"])
    'did you mean 2020a? '
    >>> near_matches("zzz", ["2020a"])
    ''
    """
    close = get_close_matches(name.lower(), list(known), n=3, cutoff=0.7)
    return f"did you mean {' or '.join(close)}? " if close else ""
