"""What of deployments/ can't be run without Docker, Kubernetes or systemd is right by its own linter or schema."""

from __future__ import annotations

import configparser
import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from prefect.workers.base import BaseJobConfiguration
from prefect_docker.worker import DockerWorkerJobConfiguration
from prefect_kubernetes.worker import KubernetesWorkerJobConfiguration

ROOT = Path(__file__).parents[2]
DEPLOYMENTS = ROOT / "deployments"
TOOLS = Path(sys.executable).parent
#: The oldest that is still maintained.
KUBERNETES = "1.33"
CONFIGURATIONS: dict[str, type[BaseJobConfiguration]] = {
    "docker": DockerWorkerJobConfiguration,
    "kubernetes": KubernetesWorkerJobConfiguration,
}


def said(*command: str | Path) -> str:
    """What a checker complains about; "" where it is content."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_dockerfile_pleases_its_linter() -> None:
    assert said(TOOLS / "hadolint", DEPLOYMENTS / "Dockerfile") == ""


def test_what_the_dockerfile_copies_is_there() -> None:
    """And is all that the package is built of: its build has nothing else."""
    lines = (DEPLOYMENTS / "Dockerfile").read_text().splitlines()
    copied = {name for line in lines if line.startswith("COPY") for name in line.split()[1:-1]}
    assert {name for name in copied if not (ROOT / name).exists()} == set()
    assert {"src", "flows", "tasks", "blocks", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE"} <= copied


def test_the_compose_file_is_of_its_schema() -> None:
    check = TOOLS / "check-jsonschema"
    assert said(check, "--builtin-schema", "vendor.compose-spec", DEPLOYMENTS / "docker-compose.yaml") == ""


def test_services_of_the_compose_file_wait_for_services_that_are_there() -> None:
    services = yaml.safe_load((DEPLOYMENTS / "docker-compose.yaml").read_text())["services"]
    assert {other for service in services.values() for other in service.get("depends_on", {})} <= set(services)


def test_the_kubernetes_manifests_are_of_their_schemas() -> None:
    documents = list(yaml.safe_load_all((DEPLOYMENTS / "kubernetes.yaml").read_text()))
    for document in documents:
        kubernetes_validate.validate(document, KUBERNETES, strict=True)
    assert {document["kind"] for document in documents} == {"ConfigMap", "Service", "Deployment", "Job"}


@pytest.mark.usefixtures("prefect_api")
@pytest.mark.parametrize("kind", sorted(CONFIGURATIONS))
async def test_a_work_pool_s_template_is_what_its_worker_reads(kind: str) -> None:
    """Each name in it is one of the worker's own, and every variable has a value."""
    template = json.loads((DEPLOYMENTS / "work-pools" / f"{kind}.json").read_text())
    configuration = CONFIGURATIONS[kind]
    assert set(template["job_configuration"]) <= set(configuration.model_fields)
    read = await configuration.from_template_and_values(template, {})
    assert "prefect-nemovideo:latest" in read.model_dump_json()
    assert read.env["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] == "30"


@pytest.mark.usefixtures("prefect_api")
async def test_a_job_of_the_kubernetes_pool_is_of_its_schema() -> None:
    template = json.loads((DEPLOYMENTS / "work-pools" / "kubernetes.json").read_text())
    values = {"name": "edit", "command": "prefect flow-run execute"}
    read: Any = await KubernetesWorkerJobConfiguration.from_template_and_values(template, values)
    job = json.loads(json.dumps(read.job_manifest))
    pod = job["spec"]["template"]["spec"]
    # Prefect's worker wants them here, where Kubernetes does not know them.
    assert (pod.pop("parallelism"), pod.pop("completions")) == (1, 1)
    # The worker makes lists of these when it knows the run.
    (container,) = pod["containers"]
    container.update(env=[], args=[container["args"]])
    job["metadata"]["labels"] = {}
    kubernetes_validate.validate(job, KUBERNETES, strict=True)


@pytest.mark.parametrize("unit", sorted(path.name for path in (DEPLOYMENTS / "systemd").iterdir()))
def test_a_unit_of_systemd_runs_a_command_that_there_is(unit: str) -> None:
    """Its sections are those of a service, and Prefect knows every option of its commands."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read(DEPLOYMENTS / "systemd" / unit)
    assert set(parser.sections()) == {"Unit", "Service", "Install"}
    words = parser["Service"]["ExecStart"].split()
    assert words[0] == "/opt/nemovideo/bin/prefect"
    options = [word for word in words if word.startswith("--")]
    commands = words[1 : next((at for at, word in enumerate(words) if word.startswith("--")), None)]
    helped = subprocess.run(
        [sys.executable, "-m", "prefect", *commands, "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert [option for option in options if option not in helped] == []


def test_servers_and_workers_have_the_versions_that_were_tested() -> None:
    """The image is built with the constraints of the tests."""
    pinned = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)
    for name in ("prefect", "prefect-redis", "prefect-docker", "prefect-kubernetes"):
        assert importlib.metadata.version(name) == pinned[name]
