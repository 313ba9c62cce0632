"""Addresses of databases and stores that cannot be used: each is told by the name of its variable."""

import importlib
import sys

import pytest

from oceanbench_leaderboard.store import Database, FileStore


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://me:secret@host/name", "begins with mysql://, which is no database"),
        ("nonsense", "cannot be read as an address"),
        ("postgresql+psycopg://me:secret@host:port/name", "cannot be read as an address"),
    ],
)
def test_an_address_that_is_no_database_is_refused_without_its_password(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"OCEANBENCH_DATABASE_URL {words}") as raised:
        Database(url)
    assert "secret" not in str(raised.value)


def test_a_postgresql_address_needs_no_name_of_its_client() -> None:
    database = Database("postgresql://me@127.0.0.1/name")
    assert database.url.drivername == "postgresql+psycopg"
    database.close()


def test_a_missing_client_of_postgresql_is_told_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ValueError, match=r"pip install 'oceanbench\[postgresql\]'"):
        Database("postgresql+psycopg://me@127.0.0.1/name")


@pytest.mark.parametrize(
    ("url", "words"),
    [("s3://", "names no place"), ("foo://bar", "Protocol not known: foo")],
)
def test_an_address_that_is_no_store_is_refused(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"OCEANBENCH_STORE={url} .*{words}"):
        FileStore(url)


def test_a_missing_client_of_s3_is_told_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(importlib.import_module("fsspec.registry")._registry, "s3", raising=False)
    with pytest.raises(ValueError, match=r"pip install 'oceanbench\[s3\]'"):
        FileStore("s3://bucket/service")
