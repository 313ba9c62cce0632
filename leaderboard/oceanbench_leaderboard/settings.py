"""Where a leaderboard service keeps its things, and what it allows: from the environment, or the defaults."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError

__all__ = ["Limits", "Mode", "Settings"]

type Mode = Literal["development", "production"]

_PREFIX = "OCEANBENCH_"


class Limits(BaseModel):
    """What one upload, one team and one job may take.

    Attributes
    ----------
    upload_bytes : int
        Largest file that is accepted.
    stored_bytes_per_team : int
        Bytes of all files that a team has here, entered or not, counted by the sizes that were told.
    free_bytes : int
        Room that stays free on the disk of a store that is a folder: no part of a file is begun that would
        take of it.
    keep_refused_days : float
        How long the bytes of a refused submission are kept; its row, and the reasons, stay.
    submissions_per_day : int
        Submissions of a team to one challenge on one UTC day; those refused by the checks, those that failed
        through the service, and duplicates do not count. A challenge may set another number.
    checks_per_day : int
        Entries of a team to all challenges on one UTC day that were queued, whatever became of them.
    waiting_per_team, waiting : int
        Submissions of a team, and of all, that may wait or be worked on at once.
    intake_seconds, intake_memory : int
        Wall clock, and bytes of address space, of the process that reads an uploaded file; never more than
        half of the memory of the machine is given.
    scorer_seconds, scorer_memory : int
        The same of the process that scores.
    lease_seconds : int
        How long a worker may be silent before its job is given to another.
    attempts : int
        How often a job is tried when the service itself fails.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    upload_bytes: Annotated[int, Field(gt=0)] = 2 << 30
    stored_bytes_per_team: Annotated[int, Field(gt=0)] = 50 << 30
    free_bytes: Annotated[int, Field(ge=0)] = 1 << 30
    keep_refused_days: Annotated[float, Field(gt=0)] = 1.0
    submissions_per_day: Annotated[int, Field(gt=0)] = 20
    checks_per_day: Annotated[int, Field(gt=0)] = 100
    waiting_per_team: Annotated[int, Field(gt=0)] = 20
    waiting: Annotated[int, Field(gt=0)] = 1000
    intake_seconds: Annotated[int, Field(gt=0)] = 300
    intake_memory: Annotated[int, Field(gt=0)] = 8 << 30
    scorer_seconds: Annotated[int, Field(gt=0)] = 3600
    scorer_memory: Annotated[int, Field(gt=0)] = 16 << 30
    lease_seconds: Annotated[float, Field(gt=0)] = 30.0
    attempts: Annotated[int, Field(gt=0)] = 10


class Settings(BaseModel):
    """Everything that a process of the service needs to know.

    Attributes
    ----------
    data : pathlib.Path
        Folder of the embedded default: database, queue and files lie in it; scratch space always does.
    database_url : str
        ``sqlite:///…`` or ``postgresql+psycopg://…``.
    queue_url : str
        ``sqlite:///…``, ``redis://…`` or ``postgresql://…``.
    store_url : str
        Folder of the files, or ``s3://bucket/prefix``, or any other address that fsspec opens.
    mode : str
        ``production`` refuses to start with insecure settings.
    secret_key : str
        Signs the cookies of the pages; empty means one that lasts as long as the folder of data does.
    base_url : str
        Address under which people reach the service, without a slash at the end; empty: as they asked.
    log_format : str
        ``json`` or ``text``.
    limits : Limits
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path
    database_url: str
    queue_url: str
    store_url: str
    mode: Mode = "development"
    secret_key: str = Field(default="", repr=False)
    base_url: str = ""
    log_format: Literal["json", "text"] = "text"
    limits: Limits = Limits()

    @classmethod
    def from_environment(
        cls, data: Path | None = None, environment: Mapping[str, str] | None = None, **changes: Any
    ) -> Self:
        """Read ``OCEANBENCH_DATABASE_URL``, ``…_QUEUE_URL``, ``…_STORE``, ``…_MODE`` and so on.

        Parameters
        ----------
        data : pathlib.Path, optional
            Folder of the service; ``$OCEANBENCH_SERVICE``, or one among the user's data, if not given.
        environment : mapping, optional
            In place of that of the process.
        changes
            Fields given by the caller, which win.

        Raises
        ------
        ValueError
            If a variable has a value that is not allowed; the message names it.
        """
        given = os.environ if environment is None else environment
        folder = (data or _default_folder(given)).expanduser().absolute()
        said = {
            "database_url": given.get(f"{_PREFIX}DATABASE_URL") or f"sqlite:///{folder / 'service.sqlite'}",
            "queue_url": given.get(f"{_PREFIX}QUEUE_URL") or f"sqlite:///{folder / 'queue.sqlite'}",
            "store_url": given.get(f"{_PREFIX}STORE") or str(folder / "files"),
        }
        for name in ("mode", "secret_key", "base_url", "log_format"):
            if value := given.get(f"{_PREFIX}{name.upper()}"):
                said[name] = value.rstrip("/") if name == "base_url" else value
        limits = {
            name: value
            for name in Limits.model_fields
            if (value := given.get(f"{_PREFIX}LIMIT_{name.upper()}"))
        }
        try:
            return cls(**{"data": folder, "limits": limits, **said, **changes})
        except ValidationError as error:
            raise ValueError(_in_words(error)) from None

    @property
    def scratch(self) -> Path:
        """Folder for files that live as long as a job."""
        return self.data / "scratch"


def _default_folder(environment: Mapping[str, str]) -> Path:
    given = environment.get(f"{_PREFIX}SERVICE")
    return Path(given) if given else user_data_path("oceanbench") / "service"


def _in_words(error: ValidationError) -> str:
    first = error.errors()[0]
    *rooms, name = map(str, first["loc"])
    variable = f"{_PREFIX}{'LIMIT_' if rooms else ''}{name.upper()}"
    shown = "" if name == "secret_key" else f"={first['input']!r}"
    return f"{variable}{shown} is not allowed: {first['msg']}"
