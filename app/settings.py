"""The settings of the service: `TITIK_*` environment variables, checked once, before anything starts.

Every one is described in `docs/settings.md`, which a test holds against this module.
"""

import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from limits import parse
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.addresses import is_loopback
from app.language import Text
from app.lifetimes import SESSION_HOURS, Lifetime, lifetimes_of

OFF = "off"
# Browsers write an origin in lower case and leave out the usual port (RFC 6454 §6.2).
_ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")


class Basemap(NamedTuple):
    """`url` has a place for z, x and y each; `origin` is the host that browsers ask."""

    url: str
    attribution: str
    origin: str


class WrongSetting(ValueError):
    """What is wrong with a setting, or with several together, in both languages."""

    def __init__(self, id: str, en: str) -> None:  # noqa: A002 - the language
        super().__init__(en)
        self.text = Text(id, en)


class Settings(BaseSettings):
    """Refuses to come into being when the service would start unsafely."""

    model_config = SettingsConfigDict(env_prefix="TITIK_", env_ignore_empty=True, frozen=True)

    database_url: SecretStr | None = None
    """Where the service connects, as the service role. Absent: a private cluster under `data_dir`."""
    owner_url: SecretStr | None = None
    """Where migrations and loading connect, as the owner role. Needed by the commands that change the schema or editions."""
    data_dir: Path = Path(".titik")
    """Where a trial keeps its private cluster, its secret and its demo tokens."""
    public_url: str = ""
    """The address under which the world sees the service; absent: the address of each request."""
    secret_key: SecretStr | None = None
    """At least 32 characters. Keys the token hashes and signs cursors; changing it ends every token."""
    language: Literal["id", "en"] = "id"
    """The language of answers to clients that name none."""
    log_format: Literal["auto", "json", "console"] = "auto"
    """One JSON object per line, or text for people; `auto`: text on a terminal."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    write_connections: Annotated[int, Field(ge=1, le=200)] = 8
    """Connections of each worker for writing."""
    read_connections: Annotated[int, Field(ge=1, le=200)] = 8
    """Connections of each worker for the public half; half as many serve the internal one."""
    filter_connections: Annotated[int, Field(ge=1, le=200)] = 2
    """Connections of each worker, for either half, for filters and other questions that are put together for one request."""
    statement_timeout_ms: Annotated[int, Field(ge=100, le=600_000)] = 10_000
    lock_timeout_ms: Annotated[int, Field(ge=50, le=60_000)] = 3_000
    pool_timeout_s: Annotated[float, Field(gt=0, le=60)] = 5.0
    """How long a request waits for a connection before it is answered 503."""
    cache_mb: Annotated[int, Field(ge=1, le=16_384)] = 64
    """How many MB of ready answers each worker keeps."""
    held_mb: Annotated[int, Field(ge=1, le=16_384)] = 64
    """How many MB of bodies that are worked on, and of answers that nobody has taken yet, each worker holds; above that 503."""
    max_body_bytes: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = 1_048_576
    max_import_bytes: Annotated[int, Field(ge=1024, le=1024 * 1024 * 1024)] = 32 * 1024 * 1024
    """How large a file may be that is imported."""
    imports_open: Annotated[int, Field(ge=1, le=10_000)] = 20
    """How many imports an account may have that are neither committed nor failed."""
    imports_mb: Annotated[int, Field(ge=1, le=1_048_576)] = 256
    """How many MB of files of an account are kept."""
    imports_rows: Annotated[int, Field(ge=1, le=1_000_000_000)] = 1_000_000
    """How many judged rows of an account are kept."""
    job_stale_s: Annotated[float, Field(ge=1, le=3_600)] = 10.0
    """After how long without a sign of life a job is given to another worker."""
    max_sync_bytes: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = 4 * 1_048_576
    """The largest body of a synchronisation; never less than `max_body_bytes`."""
    max_photo_bytes: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = 10 * 1_048_576
    """The largest photo."""
    photo_store: str = ""
    """Where photos are kept: `file:///…`, or `s3://bucket/prefix` with the usual `AWS_…` variables. Absent: `photos` in `data_dir`."""
    body_timeout_s: Annotated[float, Field(gt=0, le=3_600)] = 30.0
    """How long a client may take to send a body, and before that a head."""

    rate_limit: str = "1200/minute"
    """What one address may ask, or `off`; `serve --demo` means `off` where nothing is said."""
    account_rate_limit: str = "600/minute"
    """What one account may ask, or `off`; `serve --demo` means `off` where nothing is said."""
    sign_in_rate_limit: str = "10/5 minutes"
    """How often somebody may try a password of one account from one address, or `off`; one address may try three times as often."""
    streams_per_address: Annotated[int, Field(ge=1, le=10_000)] = 20
    """How many streams of changes one address may have open, at all workers together."""
    sign_in_hours: Annotated[int, Field(ge=1, le=2160)] = 168
    """How long a token from signing in is valid."""
    session_hours: str = ""
    """By role, after how many hours without use, and after how many at the latest, a browser is signed out: `pic=720/2160 admin=2/24`."""
    second_factor: str = ""
    """The roles, separated by spaces, that sign in with a second factor in any case; others may."""
    smtp_url: SecretStr | None = None
    """The mail server: `smtp://` (TLS where it is offered, and always with a password) or `smtps://`. Absent: no mail is sent."""
    mail_from: str = ""
    """The sender of mail."""
    proxies: str = ""
    """The addresses or networks whose `X-Forwarded-For` is believed, separated by commas."""
    cors_origins: str = ""
    """The origins (`https://peta.example.go.id`), separated by commas, whose pages may use a token; absent: none. What is public every page may read."""
    oidc_issuer: str = ""
    """The city's identity server, letter by letter as it names itself; absent: nobody signs in there."""
    oidc_client_id: str = ""
    """What the identity server calls this service."""
    oidc_client_secret: SecretStr | None = None
    """Absent: a public client, which proves itself by PKCE alone."""
    oidc_claim: str = "preferred_username"
    """The claim of the ID token that is the name of an account, when somebody signs in there the first time."""

    basemap_url: str = ""
    """The pictures of streets under the maps: `https://…/{z}/{x}/{y}.png`. Absent: none, and nobody else hears of who looks at a map."""
    basemap_attribution: str = ""
    """Whose those pictures are, as it stands on the map."""

    webhook_networks: str = ""
    """Networks of the operator's own that webhooks may lead into, separated by commas."""
    webhook_pause_hours: Annotated[int, Field(ge=1, le=720)] = 72
    """How long a webhook may fail before it is paused."""

    @field_validator("rate_limit", "account_rate_limit", "sign_in_rate_limit")
    @classmethod
    def _is_limit(cls, text: str) -> str:
        if text != OFF:
            try:
                parse(text)
            except ValueError:
                raise WrongSetting("harus seperti 600/minute, atau off", "must be like 600/minute, or off") from None
        return text

    @field_validator("session_hours")
    @classmethod
    def _are_lifetimes(cls, text: str) -> str:
        try:
            lifetimes_of(text)
        except ValueError:
            raise WrongSetting(
                "harus seperti pic=720/2160 admin=2/24: peran, jam tanpa dipakai, jam paling lama (sampai 8760)",
                "must be like pic=720/2160 admin=2/24: role, hours without use, hours at the latest (up to 8760)",
            ) from None
        return text

    @field_validator("second_factor")
    @classmethod
    def _are_roles(cls, text: str) -> str:
        if set(text.split()) - set(SESSION_HOURS):
            raise WrongSetting(
                f"harus peran, dipisah spasi: {' '.join(SESSION_HOURS)}", f"must be roles, separated by spaces: {' '.join(SESSION_HOURS)}"
            )
        return text

    @field_validator("proxies", "webhook_networks")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        for part in filter(None, map(str.strip, text.split(","))):
            try:
                ip_network(part, strict=False)
            except ValueError:
                raise WrongSetting(
                    "harus alamat atau jaringan, dipisah koma: 10.0.0.0/8", "must be addresses or networks, separated by commas: 10.0.0.0/8"
                ) from None
        return text

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, text: str) -> str:
        for part in filter(None, map(str.strip, text.split(","))):
            if not _ORIGIN.fullmatch(part):
                raise WrongSetting(
                    "harus asal seperti yang dikirim peramban: https://nama atau https://nama:port, huruf kecil, tanpa jalur",
                    "must be origins as browsers send them: https://name or https://name:port, in lower case, without a path",
                )
        return text

    @field_validator("database_url", "owner_url")
    @classmethod
    def _is_postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not url.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise WrongSetting("harus diawali postgresql://", "must begin with postgresql://")
        return url

    @field_validator("data_dir")
    @classmethod
    def _is_plain(cls, path: Path) -> Path:
        # Such a path cannot stand in a connection string, nor in a line of the settings of PostgreSQL.
        if re.search(r"[\x00-\x1f\x7f]", str(path.absolute())):
            raise WrongSetting(
                "harus berupa jalur tanpa ganti baris dan karakter kendali lain",
                "must be a path without line breaks and other control characters",
            )
        return path

    @field_validator("photo_store")
    @classmethod
    def _is_store(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and not ((parts.scheme == "s3" and parts.netloc) or (parts.scheme == "file" and not parts.netloc and len(parts.path) > 1)):
            raise WrongSetting("harus file:///direktori atau s3://bucket/awalan", "must be file:///directory or s3://bucket/prefix")
        if parts.query or parts.fragment or parts.username is not None:
            raise WrongSetting("tidak boleh memuat kueri, fragmen, atau pengguna", "must have no query, fragment or user")
        return url

    @field_validator("basemap_url")
    @classmethod
    def _is_template(cls, url: str) -> str:
        parts = urlsplit(url)
        # The origin stands in a header of every page.
        if url and not (_ORIGIN.fullmatch(f"{parts.scheme}://{parts.netloc}") and all(f"{{{axis}}}" in parts.path for axis in "zxy")):
            raise WrongSetting(
                "harus seperti https://peta.example/{z}/{x}/{y}.png, dengan host berhuruf kecil",
                "must be like https://map.example/{z}/{x}/{y}.png, with a host in lower case",
            )
        return url

    @field_validator("oidc_issuer")
    @classmethod
    def _is_issuer(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and not (parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname)))):
            raise WrongSetting(
                "harus diawali https://, kecuali di mesin ini sendiri", "must begin with https:// unless it is on this machine"
            )
        if parts.query or parts.fragment or parts.username is not None:
            raise WrongSetting("tidak boleh memuat kueri, fragmen, atau pengguna", "must have no query, fragment or user")
        return url

    @model_validator(mode="after")
    def _identity_server(self) -> "Settings":
        if bool(self.oidc_issuer) != bool(self.oidc_client_id):
            raise WrongSetting(
                "TITIK_OIDC_ISSUER dan TITIK_OIDC_CLIENT_ID diisi keduanya atau tidak sama sekali",
                "TITIK_OIDC_ISSUER and TITIK_OIDC_CLIENT_ID are set together or not at all",
            )
        if self.oidc_issuer and not self.public_url:
            raise WrongSetting(
                "TITIK_PUBLIC_URL diperlukan bersama TITIK_OIDC_ISSUER: ke sanalah server identitas mengembalikan orang",
                "TITIK_PUBLIC_URL is needed beside TITIK_OIDC_ISSUER: that is where the identity server sends people back to",
            )
        return self

    @model_validator(mode="after")
    def _attributed(self) -> "Settings":
        if self.basemap_url and not self.basemap_attribution:
            raise WrongSetting(
                "TITIK_BASEMAP_ATTRIBUTION diperlukan bersama TITIK_BASEMAP_URL, misalnya © OpenStreetMap",
                "TITIK_BASEMAP_ATTRIBUTION is needed beside TITIK_BASEMAP_URL, e.g. © OpenStreetMap",
            )
        return self

    @model_validator(mode="after")
    def _safe(self) -> "Settings":
        if self.secret_key is not None and len(self.secret_key.get_secret_value()) < 32:
            raise WrongSetting(
                "TITIK_SECRET_KEY perlu paling sedikit 32 karakter, misalnya dari: openssl rand -hex 32",
                "TITIK_SECRET_KEY needs at least 32 characters, e.g. from: openssl rand -hex 32",
            )
        if self.database_url is not None and self.secret_key is None:
            raise WrongSetting(
                "TITIK_SECRET_KEY diperlukan bersama TITIK_DATABASE_URL, misalnya dari: openssl rand -hex 32",
                "TITIK_SECRET_KEY is needed beside TITIK_DATABASE_URL, e.g. from: openssl rand -hex 32",
            )
        if self.smtp_url is not None:
            if not self.smtp_server.startswith(("smtp://", "smtps://")):
                raise WrongSetting(
                    "TITIK_SMTP_URL harus diawali smtp:// atau smtps://", "TITIK_SMTP_URL must begin with smtp:// or smtps://"
                )
            if "@" not in self.mail_from or not self.public_url:
                raise WrongSetting(
                    "TITIK_MAIL_FROM dan TITIK_PUBLIC_URL diperlukan bersama TITIK_SMTP_URL",
                    "TITIK_MAIL_FROM and TITIK_PUBLIC_URL are needed beside TITIK_SMTP_URL",
                )
        if self.public_url and not self.public_url.startswith(("http://", "https://")):
            raise WrongSetting(
                "TITIK_PUBLIC_URL harus diawali http:// atau https://", "TITIK_PUBLIC_URL must begin with http:// or https://"
            )
        return self

    @property
    def proxy_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return _networks(self.proxies)

    @property
    def origins(self) -> frozenset[bytes]:
        """Those of `cors_origins`, as a header holds them."""
        return frozenset(part.strip().encode() for part in self.cors_origins.split(",") if part.strip())

    @property
    def session_lifetimes(self) -> Mapping[str, Lifetime]:
        """Of each role."""
        return lifetimes_of(self.session_hours)

    @property
    def second_factor_roles(self) -> frozenset[str]:
        return frozenset(self.second_factor.split())

    @property
    def networks_of_webhooks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return _networks(self.webhook_networks)

    @property
    def basemap(self) -> Basemap | None:
        parts = urlsplit(self.basemap_url)
        return Basemap(self.basemap_url, self.basemap_attribution, f"{parts.scheme}://{parts.netloc}") if self.basemap_url else None

    @property
    def secret(self) -> bytes:
        return _given("TITIK_SECRET_KEY", self.secret_key).encode()

    @property
    def spool_directory(self) -> Path:
        """Where files are put together that cannot be streamed."""
        return self.data_dir / "spool"

    @property
    def smtp_server(self) -> str:
        return _given("TITIK_SMTP_URL", self.smtp_url)

    @property
    def service_dsn(self) -> str:
        return _given("TITIK_DATABASE_URL", self.database_url)

    @property
    def owner_dsn(self) -> str:
        return _given("TITIK_OWNER_URL", self.owner_url)


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part, strict=False) for part in filter(None, map(str.strip, text.split(","))))


def _given(name: str, value: SecretStr | None) -> str:
    if value is None:
        raise ValueError(f"{name} is not set")
    return value.get_secret_value()
