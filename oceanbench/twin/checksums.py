"""The list of checksums of a twin's data folder."""

import hashlib
from pathlib import Path
from typing import Final

SUMS_FILE: Final = "SHA256SUMS"


def write_checksums(folder: Path) -> None:
    """Write SHA256SUMS of every other file of the folder, in the order of their names."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS_FILE)
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}"
        for path in files
    ]
    (folder / SUMS_FILE).write_text("\n".join(lines) + "\n")
