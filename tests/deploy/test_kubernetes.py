"""deploy/kubernetes, without a cluster: schemas, references, and what holds between the numbers."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest
from typer.testing import CliRunner

from geostead.cli.main import app
from geostead.cli.prepare import PATIENCE_S
from geostead.cli.processes import STOP_S
from tests.deploy_files import DEPLOY, documents

VERSION = "1.37"
(KUSTOMIZATION,) = documents("kustomization.yaml")
ALL = [document for document in documents() if document["kind"] != "Kustomization"]
DEPLOYMENTS = {document["metadata"]["name"]: document for document in ALL if document["kind"] == "Deployment"}


def named(kind: str) -> dict[str, dict[str, Any]]:
    return {document["metadata"]["name"]: document for document in ALL if document["kind"] == kind}


def pod(name: str) -> dict[str, Any]:
    """Return the specification of the pods of a deployment."""
    found: dict[str, Any] = DEPLOYMENTS[name]["spec"]["template"]["spec"]
    return found


def container(name: str) -> dict[str, Any]:
    """Return the one container of a deployment's pods."""
    (found,) = pod(name)["containers"]
    return dict(found)


@pytest.mark.parametrize("document", ALL, ids=lambda document: f"{document['kind']} {document['metadata']['name']}")
def test_every_document_is_what_the_schema_of_its_kind_allows(document: dict[str, Any]) -> None:
    kubernetes_validate.validate(document, VERSION, strict=True)


def test_kustomize_finds_every_file_and_leaves_out_none_but_the_example() -> None:
    listed = set(KUSTOMIZATION["resources"])
    there = {file.name for file in (DEPLOY / "kubernetes").glob("*.yaml")} - {"kustomization.yaml", "secret.yaml"}
    assert there - listed == {"secret.example.yaml"}
    assert listed <= there


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_the_selectors_of_a_deployment_find_its_pods(name: str) -> None:
    labels = DEPLOYMENTS[name]["spec"]["template"]["metadata"]["labels"]
    assert DEPLOYMENTS[name]["spec"]["selector"]["matchLabels"] == labels
    budget = named("PodDisruptionBudget")[name]["spec"]["selector"]["matchLabels"]
    assert budget == labels


def test_service_ingress_policy_and_autoscaler_lead_to_the_api() -> None:
    labels = DEPLOYMENTS["geostead-api"]["spec"]["template"]["metadata"]["labels"]
    service = named("Service")["geostead"]["spec"]
    assert service["selector"] == labels
    assert service["ports"][0]["targetPort"] in {port["name"] for port in container("geostead-api")["ports"]}
    (rule,) = named("Ingress")["geostead"]["spec"]["rules"]
    assert rule["http"]["paths"][0]["backend"]["service"] == {"name": "geostead", "port": {"name": "http"}}
    assert named("NetworkPolicy")["geostead-api"]["spec"]["podSelector"]["matchLabels"] == labels
    assert named("HorizontalPodAutoscaler")["geostead-api"]["spec"]["scaleTargetRef"]["name"] in DEPLOYMENTS


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_what_pods_take_their_variables_from_is_there(name: str) -> None:
    sources = container(name)["envFrom"]
    assert {source["configMapRef"]["name"] for source in sources if "configMapRef" in source} <= set(named("ConfigMap"))
    assert {source["secretRef"]["name"] for source in sources if "secretRef" in source} <= set(named("Secret"))


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_kubernetes_does_not_set_geostead_port_for_its_service(name: str) -> None:
    assert pod(name)["enableServiceLinks"] is False


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_pods_run_as_the_account_of_the_image_without_any_rights(name: str) -> None:
    account = pod(name)["securityContext"]
    assert (account["runAsNonRoot"], account["runAsUser"], account["fsGroup"]) == (True, 10001, 10001)
    rights = container(name)["securityContext"]
    assert rights == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    mounts = {mount["name"]: mount["mountPath"] for mount in container(name)["volumeMounts"]}
    assert mounts == {"data": "/var/lib/geostead", "tmp": "/tmp"}
    assert {volume["name"] for volume in pod(name)["volumes"]} == set(mounts)


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_the_arguments_of_a_container_are_a_command_of_ours(name: str) -> None:
    assert CliRunner().invoke(app, [*container(name)["args"], "--help"]).exit_code == 0


def test_pods_have_time_to_drain_and_stop_and_to_wait_for_the_database() -> None:
    drain_s = int(named("ConfigMap")["geostead"]["data"]["GEOSTEAD_DRAIN_S"])
    assert pod("geostead-api")["terminationGracePeriodSeconds"] > drain_s + STOP_S
    assert pod("geostead-worker")["terminationGracePeriodSeconds"] > STOP_S
    probe = container("geostead-api")["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] > PATIENCE_S
    readiness = container("geostead-api")["readinessProbe"]
    assert readiness["periodSeconds"] * readiness["failureThreshold"] < drain_s / 2


def test_a_pod_is_ready_by_readyz_and_alive_by_healthz_which_needs_neither_database_nor_store() -> None:
    probes = container("geostead-api")
    paths = {name: probes[name]["httpGet"]["path"] for name in ("startupProbe", "readinessProbe", "livenessProbe")}
    assert paths == {"startupProbe": "/healthz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}
