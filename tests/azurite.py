"""Azurite, the emulator of Azure's blobs: containers and blobs of one throw-away account, and signatures for them."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which

import pytest
from azure.storage.blob import BlobSasPermissions, BlobServiceClient, PublicAccess, generate_blob_sas

PROGRAM = Path(__file__).parents[1] / ".tools/node_modules/azurite/dist/src/blob/main.js"
ACCOUNT = "devstoreaccount1"
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The key that the documentation of Azurite gives to its account; it opens nothing anywhere else."""
READY = "successfully listens on "


@dataclass
class Azurite:
    """A running emulator with a public and a private container."""

    url: str
    service: BlobServiceClient

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that open the emulator to a client of its store of objects."""
        return {
            "AZURE_STORAGE_ENDPOINT": f"{self.url}/{ACCOUNT}",
            "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT,
            "AZURE_STORAGE_ACCOUNT_KEY": ACCOUNT_KEY,
            "AZURE_ALLOW_HTTP": "true",
        }

    def fresh_url(self) -> str:
        """Return the URL of a store in which there is nothing yet."""
        return f"az://private/{secrets.token_hex(6)}"

    def put(self, name: str, content: bytes, *, public: bool) -> str:
        """Make a blob and return its URL, without a signature."""
        blob = self.service.get_blob_client("public" if public else "private", name)
        blob.upload_blob(content, overwrite=True)
        return blob.url

    def signed(self, name: str, *, valid_for: timedelta = timedelta(hours=1)) -> str:
        """Return the URL of a private blob with a signature that lets whoever has it read."""
        signature = generate_blob_sas(
            ACCOUNT,
            "private",
            name,
            account_key=ACCOUNT_KEY,
            permission=BlobSasPermissions(read=True),
            expiry=datetime.now(UTC) + valid_for,
        )
        return f"{self.url}/{ACCOUNT}/private/{name}?{signature}"


@contextmanager
def running_azurite(folder: Path) -> Iterator[Azurite]:
    """Run Azurite on a free port until the block is left. Skips the test where it is not installed."""
    node = which("node")
    if node is None or not PROGRAM.exists():
        pytest.skip("Azurite is not installed; `make test` does it where there are Node.js and npm")
    command = [node, PROGRAM, "--blobPort", "0", "--location", folder, "--disableTelemetry", "--skipApiVersionCheck"]
    log = folder / "azurite.log"
    with log.open("wb") as stderr:
        process = subprocess.Popen([*command, "--silent"], stdout=subprocess.PIPE, stderr=stderr, text=True)
    assert process.stdout is not None
    try:
        ready = next((line for line in process.stdout if READY in line), None)
        assert ready, f"Azurite did not start:\n{log.read_text()[-3000:]}"
        yield _with_containers(ready.partition(READY)[2].strip())
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def _with_containers(url: str) -> Azurite:
    credential = {"account_name": ACCOUNT, "account_key": ACCOUNT_KEY}
    service = BlobServiceClient(f"{url}/{ACCOUNT}", credential=credential)
    service.create_container("public", public_access=PublicAccess.BLOB)
    service.create_container("private")
    return Azurite(url, service)
