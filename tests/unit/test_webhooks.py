"""What webhooks say, how they are signed, and when they are tried again."""

import json
import re
import time
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from app import ROOT
from app.webhooks import event_types, rules, signing, words
from app.webhooks.delivering import body_of
from app.webhooks.schemas import EventType

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
EVENT: dict[str, Any] = {
    "event_id": UUID(int=7), "type": "revision.return", "subject": "r", "kind": "point", "category": "posyandu", "kelurahan": "35.71.01.1011", "feature": None,
    "payload": {"version": 2, "point": "p"}, "created_at": NOW,
}  # fmt: skip
SERVICE, OTHER = b"the secret of the service", b"another secret altogether"


def test_the_library_of_the_standard_verifies_what_is_signed() -> None:
    secrets, body = [signing.make(), signing.make()], b'{"a":1}'
    headers = dict(signing.headers(secrets, "evt", int(time.time()), body))
    for secret in secrets:
        Webhook(signing.secret_text(secret)).verify(body, headers)
    for wrong, changed in ((signing.make(), body), (secrets[0], body + b" ")):
        with pytest.raises(WebhookVerificationError):
            Webhook(signing.secret_text(wrong)).verify(changed, headers)
    assert signing.secret_text(secrets[0]).startswith("whsec_")


def test_a_secret_is_kept_so_that_the_table_alone_opens_nothing() -> None:
    secret, webhook = signing.make(), UUID(int=1)
    kept = signing.encrypt(SERVICE, webhook, secret)
    assert secret not in kept
    assert kept != signing.encrypt(SERVICE, webhook, secret)
    assert signing.decrypt(SERVICE, webhook, kept) == secret
    assert signing.decrypt(OTHER, webhook, kept) is None
    assert signing.decrypt(SERVICE, UUID(int=2), kept) is None


def test_an_event_is_a_cloud_event_and_always_the_same_bytes() -> None:
    body = body_of(EVENT)
    assert body == body_of({**EVENT, "payload": {"point": "p", "version": 2}})
    assert json.loads(body) == {
        "specversion": "1.0", "id": str(UUID(int=7)), "source": "urn:titik", "type": "id.titik.revision.returned", "subject": "r",
        "time": "2026-11-24T08:30:00Z", "datacontenttype": "application/json", "kind": "point", "category": "posyandu", "kelurahan": "35.71.01.1011",
        "data": {"revision": "r", "point": "p", "version": 2, "kind": "point", "category": "posyandu", "kelurahan": "35.71.01.1011"},
    }  # fmt: skip
    public = body_of({**EVENT, "type": "point.changed", "feature": '{"type":"Feature","x":1.50}'})
    assert public.endswith(b'"data":{"type":"Feature","x":1.50}}')
    assert json.loads(public)["type"] == "id.titik.point.changed"


def test_an_event_of_before_there_were_kinds_is_sent_again_as_it_was() -> None:
    body = body_of({**EVENT, "kind": None})
    assert "kind" not in json.loads(body) | json.loads(body)["data"]
    assert body == body_of(EVENT).replace(b'"kind":"point",', b"")


def test_the_types_are_those_of_the_interface_and_no_word_has_two() -> None:
    assert set(get_args(EventType)) == set(event_types.TYPES)
    told = event_types.words_of(list(event_types.TYPES))
    assert len(told) == len(set(told))
    assert event_types.type_of("ping") == rules.PING


def test_it_is_tried_again_later_and_later_and_never_sooner_than_asked() -> None:
    middle = [rules.delay_s(failures, 0.5, None) for failures in range(1, 15)]
    assert middle == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600]
    assert (rules.delay_s(1, 0, None), rules.delay_s(1, 1, None)) == (0.75, 1.25)
    assert rules.delay_s(1, 0.5, 600) == 600
    assert rules.delay_s(13, 0.5, 600) == 3600
    assert rules.delay_s(1, 0.5, 10**9) == 24 * 3600
    assert rules.delay_s(10**6, 0.5, None) == 3600


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("120", 120), ("0", 0), ("Tue, 24 Nov 2026 08:31:00 GMT", 60), ("Tue, 24 Nov 2026 08:00:00 GMT", 0), ("soon", None), ("-5", None),
     ("9" * 50, None), ("Tue, 24 Nov 99999999999 08:31:00 GMT", None)],
)  # fmt: skip
def test_how_long_a_receiver_asks_to_wait(header: str | None, seconds: float | None) -> None:
    assert rules.retry_after_s(header, NOW) == seconds


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://a.example/titik?x=1", None), ("https://a.example:8443", None), ("https://[2606:4700::1]/x", None),
        ("http://a.example/", "webhook-url-not-https"), ("ftp://a.example/", "webhook-url-not-https"), ("a.example", "webhook-url-invalid"),
        ("https://", "webhook-url-invalid"), ("https://u:p@a.example/", "webhook-url-user"), ("https://u@a.example/", "webhook-url-user"),
        ("https://a.example/#x", "webhook-url-invalid"), ("https://a.example:99999/", "webhook-url-invalid"), ("https://a.example:0/", "webhook-url-invalid"),
        ("https://a.example/ x", "webhook-url-invalid"), ("https://a.example/\r\nX: y", "webhook-url-invalid"), ("https://[::1/", "webhook-url-invalid"),
        ("https://é.example/", "webhook-url-invalid"),
    ],
)  # fmt: skip
def test_what_an_address_of_a_receiver_may_be(url: str, fault: str | None) -> None:
    assert rules.url_fault(url, with_networks=False) == fault


def test_without_encryption_only_where_the_operator_has_named_networks() -> None:
    assert rules.url_fault("http://10.20.0.1/", with_networks=True) is None
    assert rules.url_fault("ftp://10.20.0.1/", with_networks=True) == "webhook-url-not-https"


def test_the_receiver_of_the_manual_knows_what_is_genuine(monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "webhooks.md").read_text(), re.DOTALL)
    secret, body = signing.make(), b'{"a":1}'
    monkeypatch.setenv("TITIK_WEBHOOK_SECRET", signing.secret_text(secret))
    manual: dict[str, Any] = {"__name__": "manual"}
    exec(compile(code, "docs/webhooks.md", "exec"), manual)
    for secrets in ([secret], [signing.make(), secret]):
        headers = dict(signing.headers(secrets, "evt", int(time.time()), body))
        assert manual["is_genuine"](headers, body)
        assert not manual["is_genuine"](headers, body + b" ")
        assert not manual["is_genuine"]({**headers, "webhook-timestamp": str(int(time.time()) - 400)}, body)
    assert not manual["is_genuine"](dict(signing.headers([signing.make()], "evt", int(time.time()), body)), body)


def test_every_error_and_pause_has_words() -> None:
    assert all(text.id and text.en for text in (*words.ERRORS.values(), *words.PAUSES.values()))
