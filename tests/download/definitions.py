"""A small challenge whose files lie in a folder that plays the servers."""

import tarfile
from pathlib import Path

HEAD = """
id = "{id}"
version = "1.0"
kind = "map-osse"
title = "A challenge of the tests"
summary = "One truth, two altimeters, a mean, a map."
citation = "Nobody (2026)."
licence = "none"

[domain]
lon = [-65.0, -55.0]
lat = [33.0, 43.0]

[periods.evaluation]
start = 2012-10-22
end = 2012-12-02

[submission]
variables = ["ssh"]
quantity = "height"

[gridded]

[[tracks]]
id = "one"
observations = ["jason"]
reference = "truth"

[[tracks]]
id = "two"
observations = ["jason", "envisat"]
reference = "truth"

[[archives]]
id = "obs"
name = "obs.tar.gz"
urls = ["{remote}/obs.tar.gz"]

[[files]]
id = "truth"
role = "reference"
path = "ref/truth_%Y%m%d.nc"
layout = "grid"
height = {{ ssh = 1.0 }}
urls = ["{remote}/truth/"]
days = {{ first = 2012-10-22, last = 2012-10-24 }}

[[files]]
id = "jason"
role = "observations"
path = "obs/jason.nc"
layout = "l3"
height = {{ ssh = 1.0 }}
archive = "obs"
urls = ["{remote}/plain/jason.nc"]

[[files]]
id = "envisat"
role = "observations"
path = "obs/envisat.nc"
layout = "l3"
height = {{ ssh = 1.0 }}
archive = "obs"
urls = ["{remote}/plain/envisat.nc"]

[[files]]
id = "mean"
role = "mean"
path = "mean.nc"
layout = "grid"
height = {{ mdt = 1.0 }}
urls = ["{remote}/mean.nc"]
size = 9

[[files]]
id = "duacs"
role = "map"
path = "maps/duacs.nc"
layout = "grid"
height = {{ ssh = 1.0 }}
urls = ["{remote}/duacs.nc"]
size_about = 5_000_000_000

[[maps]]
file = "duacs"
method = "DUACS"
track = "two"
"""

CONTENT = {
    "truth/truth_20121022.nc": b"truth of the 22nd",
    "truth/truth_20121023.nc": b"truth of the 23rd",
    "truth/truth_20121024.nc": b"truth of the 24th",
    "plain/jason.nc": b"jason, plain",
    "plain/envisat.nc": b"envisat, plain",
    "mean.nc": b"mean, 9 b",
    "duacs.nc": b"a map",
}


def write_definition(folder: Path, remote: str, name: str = "small") -> Path:
    """Write the definition below a folder of challenges and give its path."""
    path = folder / name / "challenge.toml"
    path.parent.mkdir(parents=True)
    path.write_text(HEAD.format(id=name, remote=remote))
    return path


def write_remote(folder: Path) -> Path:
    """Write what the servers hold: plain files, and the archive of the two altimeters."""
    for name, content in CONTENT.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    pack(
        folder / "obs.tar.gz", {"dc_obs/jason.nc": b"jason, packed", "dc_obs/envisat.nc": b"envisat, packed"}
    )
    return folder


def pack(archive: Path, members: dict[str, bytes]) -> None:
    """Write a tar.gz."""
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in members.items():
            source = archive.with_name("member")
            source.write_bytes(content)
            tar.add(source, name)
            source.unlink()
