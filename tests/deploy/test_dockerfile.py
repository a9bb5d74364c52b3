"""deploy/Dockerfile, without a container engine: linted, its claims checked, and its first stage done by hand."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree
from zipfile import ZipFile

import pytest

from geostead import __version__
from geostead.settings import load_settings
from tests.deploy_files import DEPLOY, documents

ROOT = DEPLOY.parent
HADOLINT = Path(sys.executable).with_name("hadolint")


def instructions() -> list[tuple[str, str]]:
    """Return each instruction with its arguments, continued lines put together."""
    text = re.sub(r"(?m)^#.*\n", "", (DEPLOY / "Dockerfile").read_text())
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    return [(line.split(None, 1)[0], " ".join(line.split()[1:])) for line in lines]


def last(name: str) -> str:
    """Return the arguments of the last instruction of that name."""
    return [arguments for found, arguments in instructions() if found == name][-1]


def copied() -> list[str]:
    """Return the files and folders of the repository that the first stage is given."""
    return [
        word
        for name, arguments in instructions()
        if name == "COPY" and "--from" not in arguments
        for word in arguments.split()[:-1]
    ]


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that has to succeed; return what it prints."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint is not installed; there is none for this machine")
def test_hadolint_finds_nothing() -> None:
    assert run(HADOLINT, DEPLOY / "Dockerfile", cwd=ROOT) == ""


def test_every_file_that_is_copied_exists_and_is_let_through_by_the_ignore_file() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(copied()) == allowed
    assert all((ROOT / name).exists() for name in copied())


def test_the_process_is_nobody_and_the_account_is_that_of_the_kubernetes_manifests() -> None:
    assert last("USER") == "10001:10001"
    (deployment,) = (document for document in documents("worker.yaml") if document["kind"] == "Deployment")
    assert deployment["spec"]["template"]["spec"]["securityContext"]["runAsUser"] == 10001


def test_the_variables_of_the_image_are_settings_and_agree_with_its_other_claims() -> None:
    variables = dict(word.split("=", 1) for word in last("ENV").split())
    settings = load_settings(variables)
    assert str(settings.data_dir) == last("VOLUME") == last("WORKDIR")
    assert str(settings.port) == last("EXPOSE")
    assert settings.host == "0.0.0.0"
    assert f"http://127.0.0.1:{settings.port}/healthz" in last("HEALTHCHECK")


def test_the_version_on_the_label_and_in_the_files_that_use_the_image_is_ours() -> None:
    assert ("ARG", f"VERSION={__version__}") in instructions()
    (kustomization,) = documents("kustomization.yaml")
    assert [image["newTag"] for image in kustomization["images"]] == [__version__]
    assert f"image: geostead:{__version__}\n" in (DEPLOY / "compose.yaml").read_text()


def test_the_check_of_health_is_a_program_that_python_can_read() -> None:
    command = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
    compile(command[-1], "HEALTHCHECK", "exec")
    assert command[:2] == ["python", "-c"]


def test_the_wheel_of_the_first_stage_installs_with_the_tested_versions_and_runs(tmp_path: Path) -> None:
    context = tmp_path / "build"
    context.mkdir()
    for name in copied():
        if (ROOT / name).is_dir():
            copytree(ROOT / name, context / name)
        else:
            (context / name).write_bytes((ROOT / name).read_bytes())
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", "dist", ".", cwd=context)
    (wheel,) = (context / "dist").glob("*.whl")
    run(sys.executable, "-m", "venv", tmp_path / "geostead", cwd=tmp_path)
    python = tmp_path / "geostead" / "bin" / "python"
    wanted = f"{wheel}[telemetry]"
    run(
        python,
        "-m",
        "pip",
        "install",
        "--no-compile",
        "--constraint",
        context / "constraints.txt",
        wanted,
        cwd=tmp_path,
    )

    program = python.with_name("geostead")
    assert json.loads(last("ENTRYPOINT")) == [program.name]
    assert run(program, "--version", cwd=tmp_path) == f"geostead {__version__}\n"
    packed = [name for name in ZipFile(wheel).namelist() if name.startswith("geostead/console/")]
    assert "geostead/console/static/manifest.json" in packed
    assert not [name for name in packed if name.startswith("geostead/console/assets/")]
    run(program, "account", "create", "me", "--data-dir", tmp_path / "data", cwd=tmp_path)
