"""Would Kubernetes accept the manifests under scripts/k8s?"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "k8s"
RESOURCES = [
    pytest.param(resource, id=f"{path.name} {resource['kind']} {resource['metadata']['name']}")
    for path in sorted(FOLDER.glob("*.yaml"))
    for resource in yaml.safe_load_all(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("resource", RESOURCES)
def test_does_a_manifest_keep_to_the_schema(resource: dict[str, object]) -> None:
    validator = pytest.importorskip("kubernetes_validate", reason="needs the package kubernetes-validate")
    validator.validate(resource, "1.30", strict=True)


def test_are_there_manifests() -> None:
    assert len(RESOURCES) >= 5
