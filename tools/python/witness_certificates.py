"""An independent client of the local Azure's certificates: the official Python SDK, unmodified, through the proxy.

Prints one line for each thing it saw. The test beside the emulator compares the lines.
"""

import base64
import hashlib
import os

from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.keyvault.certificates import (
    CertificateClient,
    CertificateContentType,
    CertificatePolicy,
    WellKnownIssuerNames,
)
from azure.keyvault.secrets import SecretClient
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    load_pem_private_key,
    pkcs12,
)

VAULT = "https://demo.vault.azure.net"
QUICK = {"_polling_interval": 0.05}


def purge(client: CertificateClient, name: str) -> None:
    """Asked again until the service has caught up, as its documentation tells."""
    while True:
        try:
            client.purge_deleted_certificate(name)
            return
        except HttpResponseError as error:
            if error.status_code != 409:
                raise


def restore(client: CertificateClient, backup: bytes) -> str:
    """The name is free when the purge has ended."""
    while True:
        try:
            return client.restore_certificate_backup(backup).name
        except HttpResponseError as error:
            if error.status_code != 409:
                raise


def signed_elsewhere(csr: bytes, key, issuer: x509.Certificate) -> bytes:
    """What an authority outside of Azure does with a request."""
    request = x509.load_der_x509_csr(csr)
    assert request.is_signature_valid
    builder = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(issuer.subject)
        .public_key(request.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(issuer.not_valid_before_utc)
        .not_valid_after(issuer.not_valid_after_utc)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def main() -> None:
    credential = ClientSecretCredential(
        os.environ["WITNESS_TENANT"], os.environ["WITNESS_CLIENT"], os.environ["WITNESS_SECRET"]
    )
    client = CertificateClient(VAULT, credential)
    secrets = SecretClient(VAULT, credential)
    with open(os.environ["WITNESS_PEM"], "rb") as file:
        pem = file.read()
    key = load_pem_private_key(pem, None)
    leaf = x509.load_pem_x509_certificate(pem)

    policy = CertificatePolicy(issuer_name=WellKnownIssuerNames.unknown, content_type=CertificateContentType.pem)
    made = client.import_certificate("pem", pem, policy=policy, tags={"a": "1"})
    print("import pem", made.name, made.policy.subject, made.policy.san_dns_names, made.policy.key_type, made.properties.tags)
    print("thumbprint", made.properties.x509_thumbprint == hashlib.sha1(made.cer).digest(), made.id.rsplit("/", 1)[0])
    print("key", load_pem_private_key(secrets.get_secret("pem").value.encode(), None).private_numbers() == key.private_numbers())

    for password in (None, b"word"):
        protection = BestAvailableEncryption(password) if password else NoEncryption()
        pfx = pkcs12.serialize_key_and_certificates(b"x", key, leaf, None, protection)
        client.import_certificate("pfx", pfx, **({"password": password.decode()} if password else {}))
        secret = secrets.get_secret("pfx")
        back = pkcs12.load_key_and_certificates(base64.b64decode(secret.value), None)
        print("import pfx", secret.properties.content_type, back[0].private_numbers() == key.private_numbers(), back[1] == leaf)

    poller = client.begin_create_certificate("own", CertificatePolicy.get_default(), **QUICK)
    own = poller.result()
    parsed = x509.load_der_x509_certificate(bytes(own.cer))
    print("create", own.policy.issuer_name, own.policy.validity_in_months, sorted(own.policy.key_usage), parsed.subject.rfc4514_string())
    own_key = pkcs12.load_key_and_certificates(base64.b64decode(secrets.get_secret("own").value), None)[0]
    print("create key", own_key.public_key() == parsed.public_key())
    print("operation", client.get_certificate_operation("own").status)

    outside = CertificatePolicy(issuer_name="Unknown", subject="CN=merged", content_type=CertificateContentType.pem)
    waiting = client.begin_create_certificate("merged", outside, **QUICK)
    csr = client.get_certificate_operation("merged").csr
    try:
        client.begin_create_certificate("merged", outside)
    except ResourceExistsError as error:
        print("pending", error.status_code, error.error.code)
    merged = client.merge_certificate("merged", [signed_elsewhere(csr, key, leaf)])
    print("merge", merged.name, waiting.result().name, client.get_certificate_operation("merged").status)

    client.begin_create_certificate("stopped", CertificatePolicy(issuer_name="Unknown", subject="CN=stopped"))
    print("cancel", client.cancel_certificate_operation("stopped").cancellation_requested)
    print("delete operation", client.delete_certificate_operation("stopped").name)
    try:
        client.get_certificate_operation("stopped")
    except ResourceNotFoundError as error:
        print("no operation", error.status_code, error.error.code)

    for number in range(27):
        client.import_certificate(f"row-{number:02}", pem, policy=policy)
    print("pages", [len(list(page)) for page in client.list_properties_of_certificates().by_page()])
    print("versions", len(list(client.list_properties_of_certificate_versions("pfx"))))
    print("secrets", sorted({row.content_type for row in secrets.list_properties_of_secrets()}))

    changed = client.update_certificate_properties("own", enabled=False, tags={"b": "2"})
    print("update", changed.properties.enabled, changed.properties.tags)
    changed_policy = client.get_certificate_policy("own")
    changed_policy._validity_in_months = 3
    print("policy", client.update_certificate_policy("own", changed_policy).validity_in_months)

    backup = client.backup_certificate("pfx")
    deleting = client.begin_delete_certificate("pfx", **QUICK)
    deleting.wait()
    deleted = deleting.result()
    print("deleted", deleted.name, (deleted.scheduled_purge_date - deleted.deleted_on).days, deleted.recovery_id)
    print("deleted list", [row.name for row in client.list_deleted_certificates()])
    recovering = client.begin_recover_deleted_certificate("pfx", **QUICK)
    recovering.wait()
    print("recovered", recovering.result().name, client.get_certificate("pfx").cer == made.cer)

    client.begin_delete_certificate("pfx", **QUICK).wait()
    purge(client, "pfx")
    try:
        client.get_certificate("pfx")
    except ResourceNotFoundError as error:
        print("purged", error.status_code, error.error.code)
    print("restored", restore(client, backup), len(list(client.list_properties_of_certificate_versions("pfx"))))

    try:
        client.import_certificate("wrong", pfx, password="another")
    except HttpResponseError as error:
        print("wrong password", error.status_code, error.error.code)


if __name__ == "__main__":
    main()
