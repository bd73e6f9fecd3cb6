"""What people write webhooks with: each checks the signature, appends to a list in Redis and answers. nginx only answers."""
import os
import pathlib
import shutil

import ground
import servers
from plan import ROOT, Missing, Plan
from process import Process, free_port

SOURCES = ROOT / "Benchmarks/Peers"
NAMES = {"express": "Express", "go": "Go net/http", "fastapi": "FastAPI", "nginx": "nginx, a constant"}


def needed(path: pathlib.Path) -> pathlib.Path:
    if not path.exists():
        raise Missing(f"{path} is not there: scripts/setup bench")
    return path


def node() -> str:
    """The machine's own, which need not be Debian's."""
    path = shutil.which("node", path=os.environ.get("PATH", "") + ":/usr/bin")
    if not path:
        raise Missing("node is missing: scripts/setup bench")
    return path


def express(plan: Plan, place: "ground.Ground", port: int) -> tuple[list, dict[str, str]]:
    libraries = needed(plan.peers / "node/usr/share/nodejs")
    found = f"{libraries}:{plan.peers}/node/usr/lib/nodejs"
    return [node(), SOURCES / "express.js"], {"NODE_PATH": found, "NODE_ENV": "production"}


def go(plan: Plan, place: "ground.Ground", port: int) -> tuple[list, dict[str, str]]:
    return [needed(plan.peers / "gohttp")], {}


def fastapi(plan: Plan, place: "ground.Ground", port: int) -> tuple[list, dict[str, str]]:
    return [needed(plan.peers / "venv/bin/uvicorn"), "fastapi_app:app", "--app-dir", SOURCES, "--port", port, "--loop", "uvloop",
            "--http", "httptools", "--no-access-log", "--log-level", "critical"], {"PYTHONDONTWRITEBYTECODE": "1"}


def nginx(plan: Plan, place: "ground.Ground", port: int) -> tuple[list, dict[str, str]]:
    file = place.folder / "nginx.conf"
    file.write_text(
        f"worker_processes 1; daemon off; pid {place.folder}/nginx.pid; error_log stderr crit;\nevents {{ worker_connections 1024; }}\n"
        f"http {{ access_log off; client_body_temp_path {place.folder}/nginx; keepalive_requests 1000000; server {{ "
        f'listen 127.0.0.1:{port}; location / {{ default_type text/xml; return 200 "<Response></Response>"; }} }} }}\n')
    return [servers.found("nginx"), "-e", "stderr", "-c", file], {}


def start(name: str, plan: Plan, place: "ground.Ground") -> Process:
    """Starts a peer, with the Redis that ours has, and waits until it takes connections."""
    port = free_port()
    words, variables = {"express": express, "go": go, "fastapi": fastapi, "nginx": nginx}[name](plan, place, port)
    environment = dict(servers.PLAIN, PORT=str(port), REDIS_URL=place.redis_url, TWILIO_AUTH_TOKEN=ground.TOKEN,
                       PUBLIC_WEBHOOK_URL=ground.WEBHOOK, **variables)
    log = place.folder / f"{name}.log"
    return place.keep(Process(name, words, environment, log, port, place.folder)).listening()
