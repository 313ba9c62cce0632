"""The command ``oceanbench worker``."""

import signal
import threading
from pathlib import Path

import click

__all__ = ["worker"]


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the service; $OCEANBENCH_SERVICE, or one among your data, if not given.",
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Runs at once.")
@click.option(
    "--require-isolation",
    is_flag=True,
    envvar="OCEANBENCH_REQUIRE_ISOLATION",
    help="Do not start where uploaded files cannot be kept from the network and from other files.",
)
def worker(data: Path | None, workers: int, require_isolation: bool) -> None:
    """Score what was submitted, until stopped.

    Any number may run, on any number of machines that share database, queue and store. SIGTERM or Ctrl-C
    gives back what is in hand at once.

    Example: oceanbench worker --workers 2
    """
    import structlog

    from oceanbench_leaderboard.logs import configure_logs
    from oceanbench_leaderboard.queue.running import isolation, run_worker
    from oceanbench_leaderboard.settings import Settings

    settings = Settings.from_environment(data)
    configure_logs(settings.log_format)
    isolated_by = isolation()
    structlog.get_logger(__name__).info("isolation of uploaded files", **isolated_by)
    _check_isolation(isolated_by, require_isolation)
    run_worker(settings, workers, _stop_on_signal(), isolated_by=isolated_by)


def _check_isolation(isolated_by: dict[str, str], required: bool) -> None:
    missing = [f"{what}: {how}" for what, how in isolated_by.items() if how.startswith("none")]
    if required and missing:
        raise click.ClickException(
            f"uploaded files cannot be kept apart here ({'; '.join(missing)}); use a newer kernel, or start "
            "without --require-isolation and unset OCEANBENCH_REQUIRE_ISOLATION"
        )


def _stop_on_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
