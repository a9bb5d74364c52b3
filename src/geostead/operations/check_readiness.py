"""Find out whether requests can be served (architecture.md, ``/readyz``)."""

from __future__ import annotations

from geostead.errors import Unavailable
from geostead.model.job import upload_blob
from geostead.operations.services import Services


def check_readiness(services: Services) -> None:
    """Return if the catalog answers and the store keeps what it is given. Raises Unavailable, with the reason."""
    services.catalog.ping()
    token = services.new_id()
    name = upload_blob(token)
    with services.blobs.create(name) as blob:  # in use until the end of the block: nobody else deletes it
        blob.write(token.encode())
        blob.commit()
        try:
            with services.blobs.open(name) as file:
                found = file.read()
        except OSError as error:
            raise Unavailable(f"The store does not give back what was written: {error.strerror}.") from error
        finally:
            services.blobs.delete(name)
    if found != token.encode():
        raise Unavailable("The store gives back something else than what was written.")
