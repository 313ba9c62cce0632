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
    "--require-isolation/--no-require-isolation",
    default=None,
    envvar="OCEANBENCH_REQUIRE_ISOLATION",
    help="Do not start where uploaded files cannot be kept from the network and from other files. In "
    "production mode that is so unless the second form, or 0 in the environment, allows it.",
)
def worker(data: Path | None, workers: int, require_isolation: bool | None) -> None:
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
    required = settings.mode == "production" if require_isolation is None else require_isolation
    _check_isolation(isolated_by, required)
    run_worker(settings, workers, _stop_on_signal(), isolated_by=isolated_by)


def _check_isolation(isolated_by: dict[str, str], required: bool) -> None:
    from oceanbench_leaderboard.intake import unconfined

    lacking = unconfined(isolated_by)
    if required and lacking:
        raise click.ClickException(
            f"uploaded files cannot be kept apart ({'; '.join(lacking)}); use a newer kernel, or allow it "
            "knowingly with --no-require-isolation or OCEANBENCH_REQUIRE_ISOLATION=0"
        )


def _stop_on_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
