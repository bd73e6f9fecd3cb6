"""A private Redis and Postgres on 127.0.0.1, with all they have in a folder that goes with them."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess

from plan import Failure, Missing
from process import Process, free_port, listens

PLAIN = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"}


def found(tool: str) -> str:
    """Where a tool of Debian's lies."""
    path = shutil.which(tool, path=PLAIN["PATH"] + ":" + os.environ.get("PATH", ""))
    if not path:
        raise Missing(f"{tool} is missing: scripts/setup bench")
    return path


def start_redis(folder: pathlib.Path, options: list[str] | None = None) -> Process:
    """Redis with nothing on disk, unless `options` say otherwise."""
    port = free_port()
    words = [found("redis-server"), "--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no",
             "--maxmemory-policy", "noeviction", *(options or [])]
    return Process("redis", words, PLAIN, folder / "redis.log", port).listening()


def postgres_programs() -> pathlib.Path:
    """The folder of the newest Postgres of Debian's."""
    versions = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if not versions:
        raise Missing("Postgres is missing: scripts/setup run")
    return versions[-1]


def start_postgres(folder: pathlib.Path, fsync: bool = True, options: list[str] | None = None) -> Process:
    """Postgres as it comes, waiting for the disk at every commit unless `fsync` is false; postgres@, without a password."""
    programs, data, port = postgres_programs(), folder / "postgres", free_port()
    as_user: list[str] = []
    if os.getuid() == 0:
        # It refuses to be root.
        as_user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"]
        data.mkdir()
        user = pwd.getpwnam("postgres")
        os.chown(data, user.pw_uid, user.pw_gid)
    made = subprocess.run(
        [*as_user, programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "--locale=C", "-E", "UTF8"],
        capture_output=True, text=True, timeout=120, check=False, cwd="/", env=PLAIN)
    if made.returncode != 0:
        raise Failure(f"initdb: {(made.stderr or made.stdout).strip()[-300:]}")
    settings = ["max_wal_size=4GB", "shared_buffers=256MB", "max_connections=200", *(options or [])]
    settings += [] if fsync else ["fsync=off"]
    words = [*as_user, programs / "postgres", "-D", data, "-p", port, "-h", "127.0.0.1", "-k", ""]
    words += [word for setting in settings for word in ("-c", setting)]
    postgres = Process("postgres", words, PLAIN, folder / "postgres.log", port, pathlib.Path("/"), signal.SIGINT)
    return postgres.wait_until("to take connections", lambda: listens(port) and accepts(programs, port), 60)


def accepts(programs: pathlib.Path, port: int) -> bool:
    """Whether it is done with its start."""
    asked = subprocess.run([programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], env=PLAIN, check=False)
    return asked.returncode == 0
