"""What the intake says of an uploaded file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Verdict"]


@dataclass(frozen=True)
class Verdict:
    """Whether an uploaded file was accepted; if not, why, and through whose fault.

    Attributes
    ----------
    accepted : bool
        Whether the folder holds the canonical form now.
    problems : list of dict
        What is wrong with the file, all of it: ``what_given``, ``expected``, ``fix``.
    reason : str
        The same in one sentence; empty if accepted.
    header : dict or None
        Header of the canonical form, if accepted.
    isolation : mapping of str to str
        By what each thing was kept from the process that read the file.
    fault : {"submission", "service"}
        Whose fault it is that a file was not accepted: through that of the service it may be tried again.
    """

    accepted: bool
    problems: list[dict[str, str]] = field(default_factory=list)
    reason: str = ""
    header: dict[str, Any] | None = None
    isolation: Mapping[str, str] = field(default_factory=dict)
    fault: Literal["submission", "service"] = "submission"
