"""Parameters of a method that are given as text."""

import dataclasses
import types
import typing
from typing import Any, Literal

from oceanbench.registry import near_matches

__all__ = ["is_parameter", "parsed"]

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


def parsed(target: Any, spec: str, name: str, text: str) -> object:
    """Read the text of the parameter ``name`` as its type; ValueError says what it takes."""
    cls = target if isinstance(target, type) else type(target)
    fields = {field.name: field for field in dataclasses.fields(cls) if field.init}
    if name not in fields:
        listed = ", ".join(_shown(field) for field in fields.values() if is_parameter(field))
        raise ValueError(
            f"{spec!r} has no parameter {name!r}; {near_matches(name, fields)}it has: {listed or 'none'}"
        )
    try:
        return _value(text, typing.get_type_hints(cls)[name])
    except ValueError as error:
        raise ValueError(f"parameter {name!r} of {spec!r} was given {text!r}: {error}") from None


def is_parameter(field: dataclasses.Field[Any]) -> bool:
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
