"""OpenStack Swift with its S3 API: a production server that checks signatures and enforces checksums.

Four small processes on one disk folder, with one replica. Not imitated by Swift, and so not to be tested here:
stored checksums, If-Match, versions of objects, lifecycle rules.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from loopback import LOOPBACK, S3Server, answers, free_ports, serve_from_command_line, start, stop, wait_until

ACCESS_KEY, SECRET_KEY, REGION = "demo:films", "swift-secret", "us-east-1"
BACKENDS = {"account": "swift.account.server", "container": "swift.container.server", "object": "swift.obj.server"}
MODULES = {**BACKENDS, "proxy": "swift.proxy.server"}

# 2^2 partitions on one device: a ring needs no more for one disk. Writes where each backend listens.
BUILD_RINGS = """
import sys
from swift.common.ring import RingBuilder
folder, *backends = sys.argv[1:]
for backend in backends:
    name, port = backend.split(":")
    ring = RingBuilder(part_power=2, replicas=1, min_part_hours=0)
    ring.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "disk", "weight": 1.0})
    ring.rebalance(seed=1)
    ring.get_ring().save(f"{folder}/{name}.ring.gz")
"""

SWIFT_CONF = """
[swift-hash]
swift_hash_path_suffix = films
[storage-policy:0]
name = one
default = yes
"""

# fallocate_reserve: by default Swift refuses to write to a disk that is 99 % full, as a laptop's may be.
# Time-outs: generous, because tests share the machine; they only bound what would otherwise be an error.
COMMON = """
[DEFAULT]
bind_ip = {host}
bind_port = {port}
user = {user}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
workers = 0
fallocate_reserve = 0
disable_fallocate = true
log_level = WARNING
"""

BACKEND_CONF = """
[pipeline:main]
pipeline = healthcheck {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
conn_timeout = 30
node_timeout = 60
recon_cache_path = {folder}
[filter:healthcheck]
use = egg:swift#healthcheck
"""

PROXY_CONF = """
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck listing_formats s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
conn_timeout = 30
node_timeout = 60
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = {region}
[filter:tempauth]
use = egg:swift#tempauth
user_demo_films = {secret} .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""


@contextmanager
def swift_server(folder: Path) -> Iterator[S3Server]:
    """Run Swift with its S3 API on a free loopback port; everything it keeps is in `folder`."""
    folder = folder.resolve()
    (folder / "devices" / "disk").mkdir(parents=True, exist_ok=True)
    proxy_port, *backend_ports = free_ports(1 + len(BACKENDS))
    ports = dict(zip(BACKENDS, backend_ports, strict=True))
    backends = [f"{kind}:{port}" for kind, port in ports.items()]
    subprocess.run([sys.executable, "-c", BUILD_RINGS, str(folder), *backends], check=True, capture_output=True)
    (folder / "swift.conf").write_text(SWIFT_CONF)
    with ExitStack() as stack:
        processes: dict[Path, subprocess.Popen[bytes]] = {}
        for kind, port in {**ports, "proxy": proxy_port}.items():
            settings = {"host": LOOPBACK, "user": pwd.getpwuid(os.getuid()).pw_name, "folder": folder, "port": port}
            own = PROXY_CONF if kind == "proxy" else BACKEND_CONF
            conf = folder / f"{kind}-server.conf"
            conf.write_text((COMMON + own).format(**settings, kind=kind, region=REGION, secret=SECRET_KEY))
            run = f"import sys; from {MODULES[kind]} import main; sys.argv[0] = 'swift-{kind}-server'; main()"
            log = folder / f"{kind}.log"
            process = start([sys.executable, "-c", run, str(conf), "-v"], log=log, environment={})
            stack.callback(stop, process)
            processes[log] = process
        server = S3Server(
            f"http://{LOOPBACK}:{proxy_port}",
            ACCESS_KEY,
            SECRET_KEY,
            REGION,
            tuple(process.pid for process in processes.values()),
        )
        wait_until(
            lambda: all(answers(port, "/healthcheck") for port in (*backend_ports, proxy_port)),
            processes,
        )
        yield server


if __name__ == "__main__":
    serve_from_command_line(swift_server)
