"""A stand-in for the API server of a Kubernetes cluster: Deployments and their ReplicaSets, as apps/v1 has them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
NAMESPACE = "shop"
REVISION = "deployment.kubernetes.io/revision"


def deployment(name: str, *, image: str, revision: int, **status: int) -> dict[str, Any]:
    """A Deployment of three replicas that is complete, but for what `status` says."""
    settled = {"replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3}
    return {
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "uid": f"uid-of-{name}",
            "generation": 9,
            "annotations": {REVISION: str(revision)},
        },
        "spec": {"replicas": 3, "template": {"spec": {"containers": [{"name": "main", "image": image}]}}},
        "status": {
            "observedGeneration": 9,
            **settled,
            "conditions": [{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}],
            **status,
        },
    }


def replica_set(owner: str, *, image: str, revision: int) -> dict[str, Any]:
    """One that a Deployment made."""
    return {
        "metadata": {
            "name": f"{owner}-{revision}",
            "annotations": {REVISION: str(revision)},
            "ownerReferences": [{"kind": "Deployment", "name": owner, "uid": f"uid-of-{owner}"}],
        },
        "spec": {"replicas": 0, "template": {"spec": {"containers": [{"name": "main", "image": image}]}}},
    }


@dataclass(slots=True)
class ApiServer:
    """What it has, what it was asked, and a body that it answers with instead, or blanks without an end."""

    deployments: list[dict[str, Any]]
    replica_sets: list[dict[str, Any]]
    asked: list[str] = field(default_factory=list)
    status: int = 200
    body: bytes = b""
    endless: bool = False
    hangs: threading.Event | None = None
    port: int = 0

    def kubeconfig(self, path: Path) -> Path:
        """Configuration of kubectl for it, with one context."""
        cluster = {"name": "here", "cluster": {"server": f"http://{LOOPBACK}:{self.port}"}}
        context = {"name": "shop-production", "context": {"cluster": "here", "user": "auditor"}}
        user = {"name": "auditor", "user": {"token": "not-shown-anywhere"}}
        said = {"apiVersion": "v1", "kind": "Config", "clusters": [cluster], "contexts": [context], "users": [user]}
        path.write_text(json.dumps(said), encoding="utf-8")  # JSON is YAML
        return path


@contextmanager
def serving(server: ApiServer) -> Iterator[ApiServer]:
    """It answers while entered."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            with suppress(OSError):  # whoever asked has heard enough
                super().handle_one_request()

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            server.asked.append(f"{self.command} {path}")
            if server.hangs:
                server.hangs.wait(30)
            self.send_response(server.status)
            self.end_headers()
            while server.endless and path.startswith("/apis/"):
                self.wfile.write(b" " * 65_536)
            listed = {
                f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments": server.deployments,
                f"/apis/apps/v1/namespaces/{NAMESPACE}/replicasets": server.replica_sets,
            }
            self.wfile.write(server.body or json.dumps({"items": listed.get(path, [])}).encode())

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - as http.server calls them

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    httpd = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    httpd.daemon_threads = True
    server.port = httpd.server_address[1]
    thread = threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        if server.hangs:
            server.hangs.set()
        httpd.shutdown()
        httpd.server_close()
