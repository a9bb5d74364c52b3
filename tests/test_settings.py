"""The settings of an installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from geostead.model.limits import PROFILES
from geostead.settings import InvalidSetting, load_settings, misspelt_variables


def test_without_anything_the_catalog_lies_in_the_data_folder():
    settings = load_settings({})

    assert settings.catalog_url == f"sqlite:///{Path.cwd() / 'geostead-data' / 'catalog.sqlite3'}"
    assert settings.trusted_proxies == ()
    assert settings.new_account_limits == PROFILES["self-hosted"]


def test_an_option_goes_before_a_variable_and_a_variable_before_the_file(tmp_path: Path):
    (tmp_path / "geostead.toml").write_text('port = 1\nhost = "file"\nlog_level = "debug"\n')
    environment = {"GEOSTEAD_DATA_DIR": str(tmp_path), "GEOSTEAD_PORT": "2", "GEOSTEAD_HOST": "variable"}

    settings = load_settings(environment, port=3, host=None)

    assert (settings.port, settings.host, settings.log_level) == (3, "variable", "debug")


def test_the_file_of_the_data_folder_is_read_also_when_an_option_names_that_folder(tmp_path: Path):
    (tmp_path / "geostead.toml").write_text('trusted_proxies = ["10.0.0.0/8", "proxy.example"]\n')

    settings = load_settings({"GEOSTEAD_DATA_DIR": "/elsewhere"}, data_dir=tmp_path)

    assert settings.data_dir == tmp_path
    assert settings.trusted_proxies == ("10.0.0.0/8", "proxy.example")


def test_geostead_config_names_another_file(tmp_path: Path):
    file = tmp_path / "other.toml"
    file.write_text("job_workers = 7\n")

    assert load_settings({"GEOSTEAD_CONFIG": str(file)}).job_workers == 7


def test_an_empty_variable_counts_as_not_set():
    assert load_settings({"GEOSTEAD_PORT": "", "GEOSTEAD_PUBLIC_URL": ""}).public_url is None


def test_files_are_fetched_from_azure_blobs_unless_the_operator_says_otherwise(tmp_path: Path):
    (tmp_path / "geostead.toml").write_text("allowed_fetch_hosts = []\n")
    listed = "Files.example.com, *.example.org,10.0.0.0/8,192.0.2.1,fd00::/8,::1"

    assert load_settings({}).allowed_fetch_hosts == ("*.blob.core.windows.net",)
    assert load_settings({}, data_dir=tmp_path).allowed_fetch_hosts == ()
    assert load_settings({"GEOSTEAD_ALLOWED_FETCH_HOSTS": listed}).allowed_fetch_hosts == (
        "Files.example.com",
        "*.example.org",
        "10.0.0.0/8",
        "192.0.2.1",
        "fd00::/8",
        "::1",
    )


def test_a_public_url_loses_its_last_slash():
    assert load_settings({"GEOSTEAD_PUBLIC_URL": "https://a.example/geo/"}).public_url == "https://a.example/geo"


@pytest.mark.parametrize(
    ("variables", "urls"),
    [
        ({}, {}),
        ({"GEOSTEAD_ROUTING_URL": "osrm+http://a"}, {"driving": "osrm+http://a"}),
        (
            {"GEOSTEAD_ROUTING_URL": "valhalla+http://a"},
            {"driving": "valhalla+http://a", "walking": "valhalla+http://a"},
        ),
        ({"GEOSTEAD_ROUTING_WALKING_URL": "osrm+http://b"}, {"walking": "osrm+http://b"}),
        (
            {"GEOSTEAD_ROUTING_URL": "valhalla+http://a", "GEOSTEAD_ROUTING_WALKING_URL": "osrm+http://b"},
            {"driving": "valhalla+http://a", "walking": "osrm+http://b"},
        ),
    ],
)
def test_an_osrm_server_is_for_one_mode_and_a_valhalla_server_for_both(variables: dict[str, str], urls: dict[str, str]):
    assert load_settings(variables).routing_urls == urls


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("WORKERS", "0"),
        ("JOB_WORKERS", "1.5"),
        ("HOST", "a b"),
        ("PUBLIC_URL", "places.example"),
        ("PUBLIC_URL", "https://a.example/?x=1"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("TRUSTED_PROXIES", "a/b"),
        ("TRUSTED_PROXIES", "*.example.com"),
        ("TRUSTED_PROXIES", "10.0.0.300"),
        ("ALLOWED_FETCH_HOSTS", "*"),
        ("ALLOWED_FETCH_HOSTS", "*.*.example.com"),
        ("ALLOWED_FETCH_HOSTS", "a*.example.com"),
        ("ALLOWED_FETCH_HOSTS", "files.example.com:80"),
        ("ALLOWED_FETCH_HOSTS", "https://files.example.com"),
        ("ALLOWED_FETCH_HOSTS", "user@files.example.com"),
        ("ALLOWED_FETCH_HOSTS", "10.0.0.0/33"),
        ("ALLOWED_FETCH_HOSTS", "10.0.0.256"),
        ("ALLOWED_FETCH_HOSTS", "2130706433"),
        ("ALLOWED_FETCH_HOSTS", "0x7f.1"),
        ("ALLOWED_FETCH_HOSTS", "*.0.0.1"),
        ("ALLOWED_FETCH_HOSTS", "[::1]"),
        ("ROUTING_URL", "http://127.0.0.1:5000"),
        ("ROUTING_URL", "osrm+http://user:password@host"),
        ("ROUTING_WALKING_URL", "valhalla://host"),
        ("ROUTING_TIMEOUT_S", "0"),
        ("LIMITS", "huge"),
        ("LOG_LEVEL", "loud"),
        ("DATABASE_URL", "catalog.db"),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_variable(name: str, value: str):
    with pytest.raises(InvalidSetting, match=f"GEOSTEAD_{name}: found '.*'; expected"):
        load_settings({f"GEOSTEAD_{name}": value})


def test_a_wrong_option_is_refused_with_the_name_of_the_option():
    with pytest.raises(InvalidSetting, match="--job-workers: found '999'; expected a whole number from 0 to 256"):
        load_settings({}, job_workers=999)


def test_an_unknown_key_of_the_file_is_refused_with_the_known_ones(tmp_path: Path):
    (tmp_path / "geostead.toml").write_text("prot = 1\n")

    with pytest.raises(InvalidSetting, match=r"geostead.toml: found 'prot'; expected one of the settings .*port"):
        load_settings({}, data_dir=tmp_path)


def test_a_file_that_is_not_toml_is_refused_with_the_place(tmp_path: Path):
    (tmp_path / "geostead.toml").write_text("port: 1\n")

    with pytest.raises(InvalidSetting, match="line 1"):
        load_settings({}, data_dir=tmp_path)


def test_a_config_variable_without_its_file_is_refused(tmp_path: Path):
    with pytest.raises(InvalidSetting, match="GEOSTEAD_CONFIG"):
        load_settings({"GEOSTEAD_CONFIG": str(tmp_path / "none.toml")})


def test_a_certificate_without_its_key_is_refused():
    with pytest.raises(InvalidSetting, match="GEOSTEAD_TLS_KEY"):
        load_settings({"GEOSTEAD_TLS_CERT": "cert.pem"})


def test_a_service_without_its_key_or_server_is_refused_at_the_start() -> None:
    with pytest.raises(InvalidSetting, match=r"GEOSTEAD_GEOCODER_KEY.*a key for azure"):
        load_settings({"GEOSTEAD_GEOCODER": "azure"})
    with pytest.raises(InvalidSetting, match=r"GEOSTEAD_GEOCODER_URL.*server of pelias"):
        load_settings({"GEOSTEAD_GEOCODER": "pelias"})
    assert load_settings({"GEOSTEAD_GEOCODER": "Nominatim", "GEOSTEAD_GEOCODER_RATE": "0.5"}).geocoder_rate == 0.5


@pytest.mark.parametrize("rate", ["0", "-1", "1e3", "1001", "nan", "fast"])
def test_a_rate_is_a_number_of_requests_per_second(rate: str) -> None:
    with pytest.raises(InvalidSetting, match=r"a number from 0\.01 to 1000"):
        load_settings({"GEOSTEAD_GEOCODER_RATE": rate})


def test_settings_do_not_show_the_key_of_a_service() -> None:
    assert "s3cr3t" not in repr(load_settings({"GEOSTEAD_GEOCODER": "azure", "GEOSTEAD_GEOCODER_KEY": "s3cr3t"}))


@pytest.mark.parametrize(
    ("text", "url", "folder"),
    [
        ("s3://bucket/a/b/", "s3://bucket/a/b", None),
        ("az://container", "az://container", None),
        ("gs://bucket/prefix", "gs://bucket/prefix", None),
        ("/srv/store", "/srv/store", Path("/srv/store")),
        ("a/b:c", str(Path.cwd() / "a/b:c"), Path.cwd() / "a/b:c"),
        ("file:///srv/my%20store", "/srv/my store", Path("/srv/my store")),
    ],
)
def test_a_store_is_an_object_store_or_a_folder(text: str, url: str, folder: Path | None) -> None:
    settings = load_settings({"GEOSTEAD_STORE_URL": text})
    assert (settings.store_url, settings.store_folder) == (url, folder)


def test_without_a_store_everything_lies_in_the_data_folder() -> None:
    settings = load_settings({"GEOSTEAD_DATA_DIR": "/srv/data"})
    assert settings.store_folder == settings.data_dir


ONE_SLASH = [
    "s3:/bucket",
    "S3:/bucket",
    "s3:bucket",
    "S3://bucket",
    "file:/srv/a",
    "s3:/key:ge/heim@bucket",
    "s3:/key:geheim@box",
]


@pytest.mark.parametrize(
    "text",
    [
        "s3://",
        "ftp://bucket",
        "s3://key:geheim@bucket",
        "az://box/a?sig=geheim",
        "s3://bucket/../a b",
        "file://host/a",
        *ONE_SLASH,
    ],
)
def test_a_store_that_is_none_is_refused_and_its_credentials_are_not_repeated(text: str) -> None:
    with pytest.raises(InvalidSetting, match="expected s3://bucket/prefix") as caught:
        load_settings({"GEOSTEAD_STORE_URL": text})
    assert "heim" not in str(caught.value)


def test_a_variable_that_is_no_setting_is_noticed_with_the_one_that_was_meant() -> None:
    names = (
        "GEOSTEAD_STOR_URL",
        "GEOSTEAD_PROT",
        "GEOSTEAD_XYZ",
        "GEOSTEAD_CONFIG",
        "GEOSTEAD_PORT",
        "GEOSTEAD_URL",
        "GEOSTEAD_KEY",
        "OTHER",
        "GEOSTEAD_TEST_X",
    )
    assert misspelt_variables(dict.fromkeys(names, "x")) == {
        "GEOSTEAD_PROT": "GEOSTEAD_PORT",
        "GEOSTEAD_STOR_URL": "GEOSTEAD_STORE_URL",
        "GEOSTEAD_XYZ": "",
    }
