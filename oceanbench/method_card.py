"""What a method or a filter says of itself: a line, what it takes, what it costs, its parameters."""

import dataclasses
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oceanbench.methods import describe, filter_names, load_filter, load_method, method_names
from oceanbench.registry import near_matches

__all__ = ["MethodCard", "Parameter", "card"]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a method.

    Attributes
    ----------
    name : str
    default : Any
        As JSON takes it.
    about : str
        From the docstring of the method; empty where that says nothing.
    search : tuple of float, optional
        Range in which ``oceanbench tune`` looks for it.
    """

    name: str
    default: Any
    about: str
    search: tuple[float, float] | None


@dataclass(frozen=True)
class MethodCard:
    """A method in a few words.

    Attributes
    ----------
    name : str
        As ``oceanbench run --method`` takes it.
    kind : str
        ``mapping``, ``filter`` of swaths, or empty for one in a file, which may be either.
    summary : str
        First line of its docstring.
    inputs, cost : str
        What it takes and what drives its cost, in its own words (class attributes ``INPUTS`` and ``COST``).
    parameters : tuple of Parameter
    presets : mapping of str to mapping
        Challenge to the parameters that differ from the defaults there (class attribute ``PRESETS``).
    """

    name: str
    kind: str
    summary: str
    inputs: str
    cost: str
    parameters: tuple[Parameter, ...]
    presets: Mapping[str, Mapping[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON takes it; defaults, texts and ranges go by the names of parameters."""
        return {
            "name": self.name,
            "kind": self.kind,
            "summary": self.summary,
            "inputs": self.inputs,
            "cost": self.cost,
            "parameters": {one.name: one.default for one in self.parameters},
            "about": {one.name: one.about for one in self.parameters},
            "search": {one.name: one.search for one in self.parameters if one.search},
            "presets": self.presets,
        }


def card(spec: str) -> MethodCard:
    """Give the card of a registered method or filter, or of a method in a file; it is imported.

    Raises
    ------
    LookupError
        If there is no such method.
    """
    known = {"mapping": method_names(), "filter": filter_names()}
    if not any(spec in names for names in known.values()) and ".py" not in spec:
        every = [name for names in known.values() for name in names]
        raise LookupError(
            f"no method is called {spec!r}; {near_matches(spec, every)}installed: {', '.join(every)}"
        )
    method = load_filter(spec) if spec in known["filter"] else load_method(spec)
    described = describe(method)
    cls: Any = method if inspect.isfunction(method) else type(method)
    about = _about_parameters(cls)
    search = getattr(cls, "SEARCH", {})
    return MethodCard(
        described["name"],
        next((kind for kind, names in known.items() if spec in names), ""),
        (inspect.getdoc(cls) or "").partition("\n")[0],
        getattr(cls, "INPUTS", ""),
        getattr(cls, "COST", ""),
        tuple(
            Parameter(name, default, about.get(name, ""), search.get(name))
            for name, default in described["parameters"].items()
        ),
        {challenge: dict(values) for challenge, values in getattr(cls, "PRESETS", {}).items()},
    )


def _about_parameters(cls: Any) -> dict[str, str]:
    """Sentences on the parameters in the docstrings of a class and of those that it is made from."""
    found: dict[str, str] = {}
    for one in reversed(inspect.getmro(cls) if isinstance(cls, type) else [cls]):
        if dataclasses.is_dataclass(one) or not isinstance(one, type):
            section = _parameters_section(inspect.cleandoc(one.__doc__ or ""))
            found |= {name: text for name, text in section.items() if not (name in found and _refers(text))}
    return found


def _refers(text: str) -> bool:
    """Whether a text only points to that of the class it is made from."""
    return text.startswith("As in ")


def _parameters_section(text: str) -> dict[str, str]:
    """Read the section ``Parameters`` of a numpydoc docstring: name to its text in one line."""
    section = re.search(r"^Parameters\n-{3,}\n(.*?)(?=^\S[^\n]*\n-{3,}$|\Z)", text, re.M | re.S)
    found: dict[str, str] = {}
    names: list[str] = []
    for line in section.group(1).splitlines() if section else []:
        if line and not line[0].isspace():
            names = [name.strip() for name in line.partition(" : ")[0].split(",")]
            found |= dict.fromkeys(names, "")
        elif line.strip():
            found |= {name: f"{found[name]} {line.strip()}".strip() for name in names}
    return found
