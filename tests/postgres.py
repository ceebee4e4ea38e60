"""A temporary PostgreSQL server, where its programs are installed; each test that asks gets a database of its own."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest

PROGRAMS = ("initdb", "postgres", "pg_ctl")


def missing() -> str | None:
    """Why there can be no server; None when there can."""
    lacking = [name for name in PROGRAMS if not _program(name)]
    if lacking:
        return f"PostgreSQL is not installed ({', '.join(lacking)})"
    if os.geteuid() == 0 and _unprivileged() is None:
        return "PostgreSQL does not run as root, and there is no user postgres or nobody"
    return None


def _program(name: str) -> str | None:
    found = shutil.which(name)
    if found:
        return found
    packaged = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(packaged[-1]) if packaged else None


def _unprivileged() -> pwd.struct_passwd | None:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


def _run(*command: str) -> None:
    """Runs one of PostgreSQL's programs, as another user where we are root."""
    user = _unprivileged() if os.geteuid() == 0 else None
    found = _program(command[0])
    assert found
    subprocess.run(
        [found, *command[1:]],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
        cwd="/",
        timeout=60,
    )


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class CannotStart(Exception):
    """There can be no server here; the text says why."""


@contextmanager
def server(*settings: str) -> Iterator[str]:
    """The address of a running server without a database's name. Raises CannotStart.

    Without settings nothing is flushed to the disk, which is right for tests and wrong for measurements.
    """
    reason = missing()
    if reason:
        raise CannotStart(reason)
    with tempfile.TemporaryDirectory(prefix="someguide-pg-", ignore_cleanup_errors=True) as folder:
        data, port = f"{folder}/data", _free_port()
        user = _unprivileged() if os.geteuid() == 0 else None
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        chosen = " ".join(f"-c {setting}" for setting in settings or ("fsync=off", "max_connections=200"))
        try:
            _run("initdb", "-D", data, "-U", "someguide", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
            options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 {chosen}"
            _run("pg_ctl", "-D", data, "-o", options, "-w", "-l", f"{folder}/log", "start")
        except (subprocess.SubprocessError, OSError) as error:
            raise CannotStart(f"PostgreSQL does not start here: {error}") from error
        try:
            yield f"postgresql://someguide@127.0.0.1:{port}"
        finally:
            _run("pg_ctl", "-D", data, "-m", "immediate", "stop")


@contextmanager
def databases(*settings: str) -> Iterator[Callable[[], str]]:
    """Gives the address of a new empty database whenever it is called. Raises CannotStart.

    They are on a server of our own, or on that of SOMEGUIDE_TEST_POSTGRES, where there is one already.
    """
    given = os.environ.get("SOMEGUIDE_TEST_POSTGRES")
    if given:
        yield lambda: _database(given)
        return
    with server(*settings) as own:
        yield lambda: _database(f"{own}/postgres")


def _database(address: str) -> str:
    import asyncpg

    name = f"test_{uuid4().hex[:16]}"

    async def make() -> None:
        connection = await asyncpg.connect(address)
        try:
            await connection.execute(f'create database "{name}"')
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as apart:  # a loop may be running here
        apart.submit(asyncio.run, make()).result()
    return urlunsplit(urlsplit(address)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Makes an empty database and gives its address; skips where there can be no server."""
    try:
        with databases() as new:
            yield new
    except CannotStart as error:
        pytest.skip(str(error))
