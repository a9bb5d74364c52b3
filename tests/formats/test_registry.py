from __future__ import annotations

import pytest

from geostead.model.job import InputFormat
from tests.formats.reading import SAMPLES, opened


@pytest.mark.parametrize("input_format", InputFormat)
def test_every_format_of_an_upload_has_a_reader(input_format: InputFormat) -> None:
    reader = opened((SAMPLES / f"huts.{input_format}").read_bytes(), input_format)

    assert reader.entity_type.name == "MountainHuts"
