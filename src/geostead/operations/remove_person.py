"""Forget somebody."""

from __future__ import annotations

from geostead.model.person import Person
from geostead.operations.find_account import find_account
from geostead.operations.find_person import find_person
from geostead.operations.remove_member import remove_member
from geostead.operations.services import Services


def remove_person(services: Services, email: str, account_name: str | None = None) -> Person:
    """Forget somebody, or end their membership of one account.

    Raises NotFound; InvalidParameter (``email``) also for the last owner of an account.
    """
    person = find_person(services, email)
    if account_name is None:
        services.catalog.remove_person(person.id)
        return person
    return remove_member(services, find_account(services, account_name), person.id)
