"""What a process that reads an uploaded file is not kept from on a machine."""

import re
from collections.abc import Mapping

__all__ = ["unconfined"]

_KEEPS_LENGTHS = 3  # the first version of Landlock that denies to shorten a file


def unconfined(isolation: Mapping[str, str]) -> list[str]:
    """Tell what a process that reads an uploaded file is not kept from.

    Parameters
    ----------
    isolation : mapping of str to str
        As :func:`isolation_here` gives it.

    Returns
    -------
    list of str
        Each with the cause; empty where such a process can do no harm that we know of.

    Examples
    --------
    >>> unconfined({"network": "namespace", "files": "none: not this kernel", "system calls": "seccomp"})
    ['files: none: not this kernel']
    """
    lacking = [f"{what}: {how}" for what, how in isolation.items() if how.startswith("none")]
    version = re.fullmatch(r"landlock (\d+)", isolation.get("files", ""))
    filtered = isolation.get("system calls", "") == "seccomp"
    if version and int(version[1]) < _KEEPS_LENGTHS and not filtered:
        lacking.append(f"files: landlock {version[1]} does not keep them from being cut short")
    return lacking
