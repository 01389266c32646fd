"""What runs the service elsewhere: it parses, keeps its promises, and names what there is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric

from benchmarks import servers
from dedupe.answers import Counts
from dedupe.cli import isnad
from service.metrics import Meters
from service.queue import GROUP, Queue, QueueStatus
from service.queue_metrics import QueueGauges, WorkerMeters
from service.settings import PREFIX, Settings

KEPT = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


@pytest.fixture(scope="module")
def manifests(checkout: Path) -> dict[tuple[str, str], Any]:
    """(kind, name) -> object, of every Kubernetes file."""
    found = {}
    for path in sorted((checkout / "deploy").glob("k*/*.yaml")):
        for document in yaml.safe_load_all(path.read_text("utf-8")):
            name = document.get("metadata", {}).get("name", path.parent.name)
            found[document["kind"], name] = document
    return found


@pytest.fixture(scope="module")
def compose(checkout: Path) -> Any:
    return yaml.safe_load((checkout / "compose.yaml").read_text("utf-8"))


def containers(manifests: dict[tuple[str, str], Any]) -> Iterator[tuple[Any, Any]]:
    """Every pod with each of its containers."""
    for (kind, _), manifest in manifests.items():
        if kind == "Deployment":
            pod = manifest["spec"]["template"]
            for container in pod["spec"]["containers"]:
                yield pod, container


def settings_named(value: Any) -> set[str]:
    """Settings named anywhere in a parsed file."""
    return set(re.findall(rf"{PREFIX}[A-Z_]+", json.dumps(value)))


def walk(value: Any) -> Iterator[Any]:
    yield value
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, (dict, list)):
        for child in children:
            yield from walk(child)


# --- compose --------------------------------------------------------------------------------------


def test_our_containers_are_unprivileged_read_only_and_stop_in_peace(compose: Any) -> None:
    for name in ("api", "worker"):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert re.fullmatch(r"/tmp:size=\dg", "".join(service["tmpfs"]))
        assert service["environment"].keys() >= {"ISNAD_DATABASE_URL", "ISNAD_REDIS_URL"}
        assert {each["condition"] for each in service["depends_on"].values()} == {"service_healthy"}
    grace_s = Settings.model_fields["grace_s"].default
    assert int(compose["services"]["api"]["stop_grace_period"].removesuffix("s")) > grace_s


def test_only_this_machine_reaches_what_compose_starts(compose: Any) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(str(port).startswith("127.0.0.1:") for port in ports)


def test_no_file_holds_a_secret(compose: Any, manifests: Any) -> None:
    for value in (*walk(compose), *walk(list(manifests.values()))):
        if isinstance(value, str):
            assert not re.search(r"//[^/@\s]*:(?!\$\{)[^@\s]+@", value), value
        if isinstance(value, dict):
            for key, held in value.items():
                if re.search(r"(?i)passw|secret_|api_?key", str(key)):
                    assert str(held).startswith("${"), key
    assert not [kind for kind, _ in manifests if kind == "Secret"]


def test_redis_keeps_what_it_was_told_and_evicts_nothing(compose: Any, checkout: Path) -> None:
    command = compose["services"]["redis"]["command"]
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--maxmemory-policy"] == "noeviction"
    assert options["--maxmemory"]
    assert options["--auto-aof-rewrite-min-size"] == servers.REWRITE
    assert f"--auto-aof-rewrite-min-size {servers.REWRITE}" in (
        (checkout / "scripts" / "run-distributed").read_text("utf-8")
    )


def test_every_volume_is_declared_and_used(compose: Any) -> None:
    used = {
        volume.partition(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
    }
    assert used == set(compose["volumes"])


# --- Kubernetes -----------------------------------------------------------------------------------


def test_pods_are_unprivileged_and_read_only(manifests: Any) -> None:
    seen = list(containers(manifests))
    assert len(seen) == 2
    for pod, container in seen:
        assert pod["spec"]["automountServiceAccountToken"] is False
        assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"] is True
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
        assert {"startupProbe", "livenessProbe"} <= container.keys()
        probes = (probe["httpGet"]["path"] for name, probe in container.items() if "Probe" in name)
        assert "/readyz" not in probes  # away with PostgreSQL; articles are still taken
        volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
        assert {mount["name"] for mount in container["volumeMounts"]} == volumes


def test_the_user_is_the_one_of_the_image(manifests: Any, checkout: Path) -> None:
    (user,) = re.findall(r"^USER (\d+):\d+$", (checkout / "Dockerfile").read_text("utf-8"), re.M)
    assert {pod["spec"]["securityContext"]["runAsUser"] for pod, _ in containers(manifests)} == {
        int(user)
    }


def test_selectors_ports_and_resources_name_what_there_is(manifests: Any, checkout: Path) -> None:
    for pod, container in containers(manifests):
        ports = {port["name"] for port in container["ports"]}
        probes = [container[name] for name in container if name.endswith("Probe")]
        assert {probe["httpGet"]["port"] for probe in probes} <= ports
        told = pod["metadata"].get("annotations", {})
        if told.get("prometheus.io/scrape") == "true":
            named = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
            assert told["prometheus.io/port"] == named["metrics"]  # without a key
        else:
            assert not told
    labels = [pod["metadata"]["labels"] for pod, _ in containers(manifests)]
    assert manifests["Service", "isnad"]["spec"]["selector"] in labels
    for (kind, _), manifest in manifests.items():
        if kind in ("PodDisruptionBudget", "NetworkPolicy"):
            spec = manifest["spec"]
            assert (spec.get("selector") or spec.get("podSelector"))["matchLabels"] in labels
    for folder in ("kubernetes", "keda"):
        for name in manifests["Kustomization", folder]["resources"]:
            assert (checkout / "deploy" / folder / name).exists(), name


def test_the_commands_and_settings_exist(compose: Any, manifests: Any) -> None:
    words = [container["args"] for _, container in containers(manifests)]
    words += [compose["services"][name]["command"] for name in ("api", "worker")]
    assert {first for (first,) in words} <= isnad.commands.keys()
    for value in (compose, list(manifests.values())):
        assert settings_named(value)
        assert settings_named(value) <= KEPT


_SCALED = {"scaleTargetRef", "minReplicaCount", "maxReplicaCount"}
_SCALED |= {"pollingInterval", "cooldownPeriod", "advanced", "triggers"}
_SCALED_BY = {"address", "stream", "consumerGroup", "lagCount", "activationLagCount"}
"""Fields of KEDA 2.12 (its ScaledObject and the scaler `redis-streams`), those that we use."""


def test_workers_are_scaled_by_the_group_of_the_queue(manifests: Any) -> None:
    spec = manifests["ScaledObject", "isnad-worker"]["spec"]
    assert ("Deployment", spec["scaleTargetRef"]["name"]) in manifests
    (trigger,) = spec["triggers"]
    assert trigger["type"] == "redis-streams"
    assert trigger["metadata"]["consumerGroup"] == GROUP
    assert trigger["metadata"]["stream"] == Queue(None).name  # type: ignore[arg-type]
    assert int(trigger["metadata"]["lagCount"]) > 0
    assert spec.keys() <= _SCALED
    assert trigger["metadata"].keys() <= _SCALED_BY
    assert {"lagCount", "activationLagCount"} <= trigger["metadata"].keys()  # both, or neither
    assert all(isinstance(value, str) for value in trigger["metadata"].values())
    assert spec["minReplicaCount"] >= 1  # jobs of dead workers are pending, not lagging


# --- Prometheus and Grafana -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def metrics() -> set[str]:
    """Names of all samples that API and worker can give."""
    status = QueueStatus(0, 0, 0, 0, {}, 0.0, 0.0)
    app = Meters(lambda: Counts(0, 0, 0, 0, {"identical": 1}))
    app.registry.register(QueueGauges(lambda: status))
    collected: list[CollectorRegistry] = [app.registry, WorkerMeters().registry]
    families: list[Metric] = [family for registry in collected for family in registry.collect()]
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    return {
        family.name + suffix for family in families for suffix in suffixes.get(family.type, ("",))
    }


def names_in(expression: str) -> set[str]:
    return set(re.findall(r"\bisnad_[a-z_]+", expression))


def test_every_alert_speaks_of_metrics_there_are_and_says_what_to_do(
    checkout: Path, metrics: set[str]
) -> None:
    rules = yaml.safe_load((checkout / "deploy/prometheus/alerts.yaml").read_text("utf-8"))
    (group,) = rules["groups"]
    names = [rule["alert"] for rule in group["rules"]]
    assert len(set(names)) == len(names) >= 5
    for rule in group["rules"]:
        assert names_in(rule["expr"]), rule["alert"]
        assert names_in(rule["expr"]) <= metrics, rule["alert"]
        assert rule["expr"].count("(") == rule["expr"].count(")")
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"].keys() == {"summary", "action"}
        assert re.fullmatch(r"\d+m", rule["for"])


def test_every_panel_shows_metrics_there_are(checkout: Path, metrics: set[str]) -> None:
    board = json.loads((checkout / "deploy/grafana/isnad.json").read_text("utf-8"))
    places = set()
    for panel in board["panels"]:
        for target in panel["targets"]:
            assert names_in(target["expr"]), panel["title"]
            assert names_in(target["expr"]) <= metrics, panel["title"]
            assert target["expr"].count("(") == target["expr"].count(")")
        grid = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(grid["x"], grid["x"] + grid["w"])
            for y in range(grid["y"], grid["y"] + grid["h"])
        }
        assert not cells & places, f"{panel['title']} lies over another panel"
        assert grid["x"] + grid["w"] <= 24
        places |= cells


def test_the_dockerfile_passes_the_linter(checkout: Path) -> None:
    linter = Path(sys.executable).with_name("hadolint")
    ran = subprocess.run(
        [linter, checkout / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
