"""Settings: defaults, what is refused and how, and the secret that is made once."""

import pathlib
import stat
from collections.abc import Callable

import pytest

from api.settings import ROOT, SETTINGS, Settings, SettingsError, read_settings


def test_without_any_variable_everything_lies_below_instance() -> None:
    settings = read_settings({})
    assert settings.database_url == f"sqlite:///{ROOT / 'instance' / 'chasu.db'}"
    assert settings.public_url == settings.id_url == "http://127.0.0.1:8000"
    assert settings.keys_dir == ROOT / "instance" / "keys"


def test_the_public_address_follows_host_and_port_and_the_namespace_follows_it() -> None:
    assert read_settings({"HOST": "::1", "PORT": "81"}).public_url == "http://[::1]:81"
    assert read_settings({"PUBLIC_URL": "https://tea.example/"}).id_url == "https://tea.example"
    apart = read_settings({"PUBLIC_URL": "https://new.example", "ID_URL": "https://old.example"})
    assert (apart.public_url, apart.id_url) == ("https://new.example", "https://old.example")


def test_former_hosts_are_a_list() -> None:
    assert read_settings({"PUBLIC_HOSTS": "Old.example, tea.example:8443 ,"}).public_hosts == (
        "old.example",
        "tea.example:8443",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eight"),
        ("PORT", "８０００"),
        ("DATABASE_URL", "mysql://db/tea"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "sqlite://"),
        ("READ_DATABASE_URL", "oracle://x"),
        ("READ_DATABASE_URL", "sqlite:///copy.db"),
        ("READ_DATABASE_URL", "postgresql+psycopg://db/beside-sqlite"),
        ("PUBLIC_URL", "tea.example"),
        ("PUBLIC_URL", "ftp://tea.example"),
        ("PUBLIC_URL", "https://tea.example/?a=1"),
        ("PUBLIC_URL", "http://[::1"),
        ("ID_URL", "https://"),
        ("PUBLIC_HOSTS", "a b"),
        ("SECRET_KEY", "too short"),
    ],
)
def test_a_wrong_setting_is_told_in_both_languages(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({name: value})
    assert f"设置 {name}：" in str(refused.value)
    assert f"setting {name}:" in str(refused.value)


@pytest.mark.parametrize("replica", ["postgresql+psycopg://two/tea", "postgresql+psycopg://one/tea"])
def test_a_replica_stands_beside_a_server(replica: str) -> None:
    both = {"DATABASE_URL": "postgresql+psycopg://one/tea", "READ_DATABASE_URL": replica}
    assert read_settings(both).read_database_url == replica


def test_all_wrong_settings_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"PORT": "0", "SECRET_KEY": "x"})
    assert len(str(refused.value).splitlines()) == 2


def test_the_secret_is_made_once_and_for_its_owner_alone(
    tmp_path: pathlib.Path, make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings("sqlite:///x.db", SECRET_KEY="")
    first = settings.secret()
    assert len(first) == 64
    assert settings.secret() == first
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret-key"]


def test_every_setting_that_is_read_is_listed() -> None:
    read: set[str] = set()

    class Watched(dict[str, str]):
        def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
            read.add(name)
            return default

    read_settings(Watched())
    assert read == {one.name for one in SETTINGS}
