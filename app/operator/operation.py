"""What the commands of an operator stand on: the given server or the private cluster, the state of its schema, its secret."""

import asyncio
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import asyncpg
from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from app import ROOT, __version__
from app.categories import queries as categories
from app.cluster import open_cluster
from app.cluster.place import make_data_dir
from app.connections import open_once
from app.errors import Fault, OperatorError
from app.indicators import queries as indicators
from app.language import Language, Text
from app.messages import say_fault
from app.points.flagging import flag_personal
from app.settings import Settings, WrongSetting
from app.statement import Statement
from app.wire import faults_of

if TYPE_CHECKING:
    from alembic.config import Config

# Of texts in the environment, what JSON says by its types.
_PARSED = {"int_parsing": "not-a-number", "float_parsing": "not-a-number"}

Say = Callable[[Text], None]

ADDRESS_FILE = "serve.url"
"""In the data directory: where the service answers."""

MIGRATIONS = ROOT / "migrations"
OWNS = Statement[bool]("SELECT coalesce((SELECT pg_has_role(nspowner, 'MEMBER') FROM pg_namespace WHERE nspname = 'titik'), true)")
REVISION = Statement[str | None]("SELECT version_num FROM titik.alembic_version")
SHIPPED = Statement[bool]("""
    SELECT (SELECT count(*) FROM titik.category WHERE id = ANY (CAST(:categories AS text[]))) = cardinality(CAST(:categories AS text[]))
       AND (SELECT count(DISTINCT id) FROM titik.indicator WHERE id = ANY (CAST(:indicators AS text[]))) = cardinality(CAST(:indicators AS text[]))
""")
SCHEMA_BEHIND = Text(
    "Skema basis data belum sesuai dengan program ini. Jalankan dengan TITIK_OWNER_URL: titik db upgrade",
    "The database schema is not the one of this program. Run with TITIK_OWNER_URL: titik db upgrade",
)
SCHEMA_BEHIND_HERE = Text(
    "Skema basis data belum sesuai dengan program ini. Jalankan: titik db upgrade",
    "The database schema is not the one of this program. Run: titik db upgrade",
)
SCHEMA_AHEAD = Text(
    "Skema basis data ({revision}) tidak dikenal program ini (titik {version}): dibuat oleh versi yang lebih baru. Pakai versi itu.",
    "The database schema ({revision}) is unknown to this program (titik {version}): a newer version made it. Use that version.",
)
MIGRATION_FAILED = Text(
    "Skema tidak dapat diperbarui, dan tidak berubah. Kata PostgreSQL: {message}",
    "The schema could not be brought up to date, and did not change. PostgreSQL says: {message}",
)
NOT_THE_OWNER = Text(
    "TITIK_OWNER_URL harus memakai peran yang memiliki skemanya (titik_owner).",
    "TITIK_OWNER_URL must use the role that owns the schema (titik_owner).",
)


def read_settings() -> Settings:
    """The settings of the environment. `OperatorError` names each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise OperatorError("settings", _sentence(error)) from None


def _sentence(error: ValidationError) -> Text:
    """All that is wrong with the settings, in either language by itself."""
    wrong = list(zip(error.errors(include_input=False), faults_of(error), strict=False))

    def found(language: Language) -> str:
        return "; ".join(_told_of(one, fault, language) for one, fault in wrong)

    return Text(f"Pengaturan salah: {found('id')}. Lihat docs/settings.md.", f"Wrong settings: {found('en')}. See docs/settings.md.")


def _told_of(one: ErrorDetails, fault: Fault, language: Language) -> str:
    """What pydantic, or we, found wrong with one variable; our own sentences about several name them themselves."""
    ours = one.get("ctx", {}).get("error")
    code = _PARSED.get(one["type"], fault.code)
    sentence = ours.text.say(language) if isinstance(ours, WrongSetting) else say_fault(code, fault.facts, language).removesuffix(".")
    return f"TITIK_{one['loc'][0]}".upper() + f": {sentence}" if one["loc"] else sentence


@contextmanager
def database(settings: Settings, say: Say, *, make: bool = False) -> Iterator[Settings]:
    """The settings with both addresses and the secret filled in.

    Without `TITIK_DATABASE_URL` the private cluster is started if it does not run, and stopped afterwards unless somebody else
    uses it by then; where there is none, it is made if `make` says so, else `OperatorError`. With it nothing is started.
    """
    if settings.database_url is not None:
        yield settings
        return
    with open_cluster(settings.data_dir, say=say, make=make) as cluster:
        yield settings.model_copy(
            update={
                "database_url": SecretStr(cluster.url("titik_service")),
                "owner_url": SecretStr(cluster.url("titik_owner")),
                "secret_key": settings.secret_key or SecretStr(_kept_secret(settings.data_dir)),
            }
        )


def owner_dsn(settings: Settings) -> str:
    """Where the schema's owner connects. `OperatorError` where nobody has said it."""
    if settings.owner_url is None:
        raise OperatorError(
            "owner-url",
            Text(
                "Perintah ini memerlukan TITIK_OWNER_URL (alamat untuk peran titik_owner) di samping TITIK_DATABASE_URL.",
                "This command needs TITIK_OWNER_URL (the address for the role titik_owner) beside TITIK_DATABASE_URL.",
            ),
        )
    return settings.owner_dsn


def reach(settings: Settings) -> None:
    """`OperatorError` where the service would not reach its database, or would find another schema than it knows."""
    try:
        revision = asyncio.run(_revision(settings.service_dsn))
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError, asyncpg.InsufficientPrivilegeError):
        revision = None
    if revision != migration_head():
        raise _other_schema(revision, SCHEMA_BEHIND)


def require_schema(settings: Settings) -> None:
    """`OperatorError` where the schema is not the one of this program: only `titik db upgrade` changes it."""
    found = database_state(owner_dsn(settings))
    if found != DatabaseState(migration_head(), shipped=True):
        raise _other_schema(found.revision, SCHEMA_BEHIND_HERE)


def _other_schema(revision: str | None, behind: Text) -> OperatorError:
    if revision is None or is_known(revision):
        return OperatorError("schema-behind", behind)
    return OperatorError("schema-ahead", SCHEMA_AHEAD, revision=revision, version=__version__)


async def _revision(url: str) -> str | None:
    async with open_once(url) as session:
        revision: str | None = await session.value(REVISION)
        return revision


def _kept_secret(data_dir: Path) -> str:
    """The secret of a trial: made once, readable by its owner only."""
    path = data_dir / "secret.key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        secret = secrets.token_hex(32)
        write_private(path, secret + "\n")
        return secret


def keep_address(settings: Settings, address: str) -> None:
    """Where the service answers, for commands that print links into it. It serves also where this cannot be written."""
    with suppress(OSError):
        write_private(make_data_dir(settings.data_dir) / ADDRESS_FILE, (settings.public_url or address).rstrip("/") + "\n")


def known_address(settings: Settings) -> str:
    """Where people reach the service, without a slash at the end: what is set, else where it serves or did so last; empty: nobody knows."""
    with suppress(OSError):
        return settings.public_url.rstrip("/") or (settings.data_dir / ADDRESS_FILE).read_text().strip()
    return ""


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner can read, whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def migration_head() -> str:
    """The newest revision that the code knows."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - half a second that only the commands about migrations need

    return ScriptDirectory.from_config(_alembic()).get_current_head() or ""


def is_known(revision: str) -> bool:
    """Whether a revision is one of those that the code comes with."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return revision in {one.revision for one in ScriptDirectory.from_config(_alembic()).walk_revisions()}


def _alembic() -> "Config":
    """What `alembic.ini` says, but for where an installed program has no such file."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(owner_url: str) -> None:
    """Brings the schema up to date."""
    from alembic import command  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    config = _alembic()
    config.attributes["url"] = owner_url
    try:
        command.upgrade(config, "head")
    except DBAPIError as error:
        # The driver's class stands before the sentence of PostgreSQL.
        message = str(error.orig).splitlines()[0].rpartition(">: ")[2]
        raise OperatorError("migration-failed", MIGRATION_FAILED, message=message) from error


class DatabaseState(NamedTuple):
    """How far a database is prepared: its migration (None: no schema at all), and whether what is shipped is in it."""

    revision: str | None
    shipped: bool


def database_state(owner_url: str) -> DatabaseState:
    return asyncio.run(_standing(owner_url))


async def _standing(owner_url: str) -> DatabaseState:
    try:
        async with open_once(owner_url) as session:
            if not await session.value(OWNS):
                raise OperatorError("not-the-owner", NOT_THE_OWNER)
            known = {"categories": categories.shipped(), "indicators": indicators.shipped()}
            ids = {name: [one["id"] for one in definitions] for name, definitions in known.items()}
            return DatabaseState(await session.value(REVISION), await session.value(SHIPPED, **ids))
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        return DatabaseState(None, shipped=False)
    except asyncpg.InsufficientPrivilegeError:
        raise OperatorError("not-the-owner", NOT_THE_OWNER) from None


def upgrade(settings: Settings, say: Say) -> bool:
    """The schema up to date, the categories and indicators that Titik comes with, and what the new tables lack; False where all was so already."""
    url = owner_dsn(settings)
    found = database_state(url)
    if found == DatabaseState(migration_head(), shipped=True):
        return False
    if found.revision is not None and not is_known(found.revision):
        raise _other_schema(found.revision, SCHEMA_BEHIND_HERE)
    say(Text("Menyiapkan skema basis data …", "Preparing the database schema …"))
    migrate(url)
    if flagged := asyncio.run(_ship(url)):
        say(FLAGGED.fill(number=flagged))
    return True


FLAGGED = Text(
    "{number} titik memuat telepon, sebutan orang, atau nama di luar pola di teks yang terbuka untuk umum. Lihat: titik points personal",
    "{number} {number:point has|points have} a telephone, a person's title or a name of their own in a public text. See: titik points personal",
)


async def _ship(owner_url: str) -> int:
    """How many points were flagged that tell of a person: what was let in before such texts were looked at."""
    from app.published import areas  # noqa: PLC0415 - half a second that only a new schema needs

    async with open_once(owner_url) as session:
        await categories.ship(session)
        await indicators.ship(session)
        await areas.fill_if_missing(session)
        return await flag_personal(session)
