"""Units of length that height files are written in."""

_METRES = {
    "m": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0,
    "cm": 0.01, "centimeter": 0.01, "centimeters": 0.01, "centimetre": 0.01, "centimetres": 0.01,
    "mm": 0.001, "millimeter": 0.001, "millimeters": 0.001, "millimetre": 0.001, "millimetres": 0.001,
    "dm": 0.1, "decimeter": 0.1, "decimeters": 0.1, "decimetre": 0.1, "decimetres": 0.1,
    "km": 1000.0, "kilometer": 1000.0, "kilometers": 1000.0, "kilometre": 1000.0, "kilometres": 1000.0,
}  # fmt: skip


def metres_per(unit: str) -> float:
    """Give the number of metres in one ``unit``, as it is written in a file ("m", "cm", "Millimetres").

    Raises
    ------
    ValueError
        Where the unit is not a length known here.
    """
    written = unit.strip()
    factor = _METRES.get(written, _METRES.get(written.lower()))
    if factor is None or written == "Mm":
        raise ValueError(
            f"unit {unit!r} is not a length; allowed: m, dm, cm, mm, km; convert the heights to metres"
        )
    return factor
