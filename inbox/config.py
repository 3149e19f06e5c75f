"""What comes from outside: the clock, and the settings.

Settings come from `REPLYDESK_*` in the environment, else from `replydesk.toml` in the working
folder. Secrets enter by environment or file only. The secret key encrypts the accounts'
credentials; without `REPLYDESK_SECRET_KEY` it is made once as `secret.key` (0600) in the data
folder.
"""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


def utc_now() -> datetime:
    """The one place that reads the clock; everybody else is told the time."""
    return datetime.now(UTC)


class AlreadyRunning(RuntimeError):
    """Another process schedules the work of this data folder."""


class SettingWrong(RuntimeError):
    """A setting that cannot work here; the message names it and the cause."""


class Settings(BaseSettings):
    """One installation's settings; every field is documented in docs/settings.md."""

    model_config = SettingsConfigDict(
        env_prefix="REPLYDESK_", toml_file="replydesk.toml", extra="forbid", frozen=False
    )

    data: Path = Path("data")
    database_url: SecretStr | None = None
    listen: str = "127.0.0.1:8080"
    public_url: str | None = None
    trusted_proxies: str = ""
    secret_key: SecretStr | None = None
    smtp_url: SecretStr | None = None
    mail_from: str = "replydesk@localhost"
    allow_private: str = ""
    train_every_days: int = Field(default=7, ge=0, le=3650)
    train_after: int = Field(default=50, ge=1)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @field_validator("listen")
    @classmethod
    def _listen_is_host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not re.fullmatch(r"\d{1,5}", port, re.ASCII) or int(port) > 65535:
            raise ValueError("LISTEN is host:port, for example 127.0.0.1:8080")
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url_is_a_web_address(cls, value: str | None) -> str | None:
        if value and not re.match(r"https?://[^/\s]+", value):
            raise ValueError("PUBLIC_URL begins with https:// or http:// and a host")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_url_is_of_a_known_engine(cls, value: SecretStr | None) -> SecretStr | None:
        known = ("postgresql://", "postgres://", "postgresql+psycopg://", "sqlite:///")
        if value and not value.get_secret_value().startswith(known):
            raise ValueError("DATABASE_URL is postgresql://user@host/name")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp_url_is_of_a_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.match(r"smtps?://[^/\s]+", value.get_secret_value()):
            raise ValueError("SMTP_URL is smtp://user:password@host:587 or smtps://…:465")
        return value

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    @property
    def allowed(self) -> frozenset[str]:
        """The private addresses (host:port) that may be asked (law 13)."""
        return frozenset(pair.strip() for pair in self.allow_private.split(",") if pair.strip())

    @property
    def base_url(self) -> str:
        """The address under which people reach the product, without a trailing slash."""
        return (self.public_url or f"http://{self.listen}").rstrip("/")

    @property
    def secure(self) -> bool:
        """Whether people come by https (cookies are then Secure)."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the database; SQLite in the data folder by default."""
        if self.database_url is None:
            return f"sqlite:///{self.folder / 'replydesk.db'}"
        url = self.database_url.get_secret_value()
        for scheme in ("postgresql://", "postgres://"):
            if url.startswith(scheme):
                return "postgresql+psycopg://" + url.removeprefix(scheme)
        return url

    @cached_property
    def folder(self) -> Path:
        """The data folder, made with mode 0700 on first use."""
        folder = self.data.absolute()
        try:
            folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        except OSError as e:
            raise SettingWrong(
                f"REPLYDESK_DATA: {folder} cannot be made a folder: {e.strerror}."
            ) from e
        return folder

    @cached_property
    def cipher(self) -> MultiFernet:
        """Encrypts stored credentials. Several keys, comma-separated, newest first: rotation."""
        try:
            if self.secret_key is not None:
                keys = self.secret_key.get_secret_value()
            else:
                keys = _key_file(self.folder / "secret.key", Fernet.generate_key)
            return MultiFernet([Fernet(key.strip()) for key in keys.split(",") if key.strip()])
        except ValueError as e:
            raise SettingWrong(
                "REPLYDESK_SECRET_KEY, or secret.key in the data folder, holds no Fernet key "
                "(32 bytes in url-safe base64). Put back the key that was there before."
            ) from e

    @cached_property
    def evidence_key(self) -> Ed25519PrivateKey:
        """Signs evidence packs: `evidence.key` (0600, hexadecimal) in the data folder."""
        written = _key_file(self.folder / "evidence.key", _evidence_key)
        try:
            return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(written.strip()))
        except ValueError as e:
            raise SettingWrong(
                "evidence.key in the data folder holds no Ed25519 key (64 hexadecimal digits). "
                "Put back the key that was there before."
            ) from e


def _evidence_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes_raw().hex().encode()


def _key_file(path: Path, make: Callable[[], bytes]) -> str:
    """The key in `path`; two processes starting at once agree on the first one written."""
    try:
        return _key_made_once(path, make)
    except OSError as e:
        raise SettingWrong(f"REPLYDESK_DATA: {path} cannot be used: {e.strerror}.") from e


def _key_made_once(path: Path, make: Callable[[], bytes]) -> str:
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(make())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()
