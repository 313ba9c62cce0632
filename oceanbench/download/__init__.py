"""Files fetched from several places in turn, resumed, verified, remembered; archives unpacked safely.

The names below are loaded when they are first used: nothing that speaks to a network is imported before.
"""

from typing import TYPE_CHECKING

from oceanbench.lazy import lazy_names

if TYPE_CHECKING:
    from oceanbench.download.archives import Placed as Placed
    from oceanbench.download.archives import unpack as unpack
    from oceanbench.download.artefact import Artefact as Artefact
    from oceanbench.download.artefact import Candidate as Candidate
    from oceanbench.download.artefact import Failure as Failure
    from oceanbench.download.artefact import Outcome as Outcome
    from oceanbench.download.artefact import Promise as Promise
    from oceanbench.download.bar import TransferBar as TransferBar
    from oceanbench.download.credentials import Account as Account
    from oceanbench.download.errors import DownloadError as DownloadError
    from oceanbench.download.errors import Trouble as Trouble
    from oceanbench.download.fetching import fetch as fetch
    from oceanbench.download.lock import ArchiveEntry as ArchiveEntry
    from oceanbench.download.lock import Entry as Entry
    from oceanbench.download.lock import Lock as Lock
    from oceanbench.download.patience import Patience as Patience
    from oceanbench.download.probing import Finding as Finding
    from oceanbench.download.probing import probe as probe
    from oceanbench.download.progress import SilentTransfer as SilentTransfer
    from oceanbench.download.progress import Standing as Standing
    from oceanbench.download.progress import TransferProgress as TransferProgress
    from oceanbench.download.space import free_bytes as free_bytes
    from oceanbench.download.space import human_bytes as human_bytes

_HOMES = {
    "Account": "credentials",
    "ArchiveEntry": "lock",
    "Artefact": "artefact",
    "Candidate": "artefact",
    "DownloadError": "errors",
    "Entry": "lock",
    "Failure": "artefact",
    "Finding": "probing",
    "Lock": "lock",
    "Outcome": "artefact",
    "Patience": "patience",
    "Placed": "archives",
    "Promise": "artefact",
    "SilentTransfer": "progress",
    "Standing": "progress",
    "TransferBar": "bar",
    "TransferProgress": "progress",
    "Trouble": "errors",
    "fetch": "fetching",
    "free_bytes": "space",
    "human_bytes": "space",
    "probe": "probing",
    "unpack": "archives",
}

__all__ = [
    "Account",
    "ArchiveEntry",
    "Artefact",
    "Candidate",
    "DownloadError",
    "Entry",
    "Failure",
    "Finding",
    "Lock",
    "Outcome",
    "Patience",
    "Placed",
    "Promise",
    "SilentTransfer",
    "Standing",
    "TransferBar",
    "TransferProgress",
    "Trouble",
    "fetch",
    "free_bytes",
    "human_bytes",
    "probe",
    "unpack",
]


__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
