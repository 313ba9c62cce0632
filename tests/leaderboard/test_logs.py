"""Logs: one line per event, and never a secret in it, however it came there."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from oceanbench_leaderboard.logs import CENSORED, censor, censored, configure_logs

SECRET = "ob_a1b2c3_" + "Zx-9_" * 9
URL_SAFE = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=20)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Where the log goes."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_no_secret_is_logged_wherever_it_stands(log: io.StringIO, log_format: str) -> None:
    configure_logs(log_format, stream=log)  # type: ignore[arg-type]
    logger = structlog.get_logger("test")
    logger.info(f"asked with {SECRET}")
    logger.info("asked", header={"Authorization": f"Bearer {SECRET}"}, token=SECRET, nested=[{"a": SECRET}])
    logger.info("asked", url="postgresql://me:pa55word@host/db", query="?secret_key=pa55word&x=1")
    logging.getLogger("other").warning("Authorization: Bearer %s", SECRET)
    try:
        raise ValueError(f"token={SECRET} and redis://:pa55word@host")
    except ValueError:
        logger.exception("broke")
        logging.getLogger("other").exception("broke")
    assert log.getvalue().count("\n") >= 6
    assert "Zx-9" not in log.getvalue()
    assert "pa55word" not in log.getvalue()
    assert CENSORED in log.getvalue()


def test_a_line_of_json_holds_what_was_told(log: io.StringIO) -> None:
    configure_logs("json", stream=log)
    structlog.get_logger("test").info("scored", run=3, seconds=1.5, tokens_left=True)
    line = json.loads(log.getvalue())
    assert (line["event"], line["run"], line["seconds"], line["level"]) == ("scored", 3, 1.5, "info")
    assert line["timestamp"].endswith("Z")


def test_bound_context_is_told_with_every_line(log: io.StringIO) -> None:
    configure_logs("json", stream=log)
    with structlog.contextvars.bound_contextvars(run=7):
        structlog.get_logger("test").info("taken up")
    assert json.loads(log.getvalue())["run"] == 7


@given(URL_SAFE)
def test_no_token_of_ours_passes(secret: str) -> None:
    assert secret not in censor(f'{{"a": "ob_abc123_{secret}"}} ob_abc123_{secret}')


@given(URL_SAFE, st.sampled_from(["token", "Authorization", "api_key", "Set-Cookie", "secret_key"]))
def test_what_is_called_a_secret_is_one(secret: str, name: str) -> None:
    assert censored({name: secret, "other": [1, None]}) == {name: CENSORED, "other": [1, None]}
    assert secret not in censor(f"{name}={secret}")
    assert secret not in censor(f'"{name}": "{secret}"')


@pytest.mark.parametrize("text", ["taken up", "run 3 of 4: scored", "https://host/api/v1/boards?track=all"])
def test_plain_words_stay(text: str) -> None:
    assert censor(text) == text
