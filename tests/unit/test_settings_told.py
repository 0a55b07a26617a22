"""What is said of wrong settings: all of it in one language, and never the value itself."""

import pytest

from app.errors import OperatorError
from app.operator.operation import read_settings


@pytest.mark.parametrize(
    ("variables", "indonesian", "english"),
    [
        (
            {"DATABASE_URL": "postgresql://a@/b"},
            "TITIK_SECRET_KEY diperlukan bersama TITIK_DATABASE_URL",
            "TITIK_SECRET_KEY is needed beside",
        ),
        ({"DATABASE_URL": "mysql://a@/b"}, "TITIK_DATABASE_URL: harus diawali postgresql://", "TITIK_DATABASE_URL: must begin with"),
        ({"WRITE_CONNECTIONS": "banyak"}, "TITIK_WRITE_CONNECTIONS: Harus berupa angka", "TITIK_WRITE_CONNECTIONS: Must be a number"),
        ({"WRITE_CONNECTIONS": "0"}, "TITIK_WRITE_CONNECTIONS: Paling kecil 1", "TITIK_WRITE_CONNECTIONS: At least 1"),
        ({"LANGUAGE": "jv"}, "TITIK_LANGUAGE: Harus", "TITIK_LANGUAGE: Must be"),
        ({"PROXIES": "rumah"}, "TITIK_PROXIES: harus alamat atau jaringan", "TITIK_PROXIES: must be addresses or networks"),
        ({"RATE_LIMIT": "{x}"}, "TITIK_RATE_LIMIT: harus seperti 600/minute", "TITIK_RATE_LIMIT: must be like 600/minute"),
    ],
)
def test_a_wrong_setting_is_told_in_one_language(
    variables: dict[str, str], indonesian: str, english: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "OWNER_URL", "SECRET_KEY", "LANGUAGE"):
        monkeypatch.delenv(f"TITIK_{name}", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(f"TITIK_{name}", value)
    with pytest.raises(OperatorError) as caught:
        read_settings()
    told = {language: caught.value.text.say(language, caught.value.facts) for language in ("id", "en")}
    assert told["id"].startswith(f"Pengaturan salah: {indonesian}")
    assert told["en"].startswith(f"Wrong settings: {english}")
    assert " must " not in told["id"].lower()
    assert not any(value in told["id"] for value in ("banyak", "rumah", "jv", "{x}"))
