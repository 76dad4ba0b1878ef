"""The official Python clients of certificates and secrets, unmodified, as one of several that write for each other and read each other's.

Does what the JSON list in its first word says, one after the other, and prints the answers as one JSON list.
"""

import base64
import json
import os
import sys

from azure.identity import ClientSecretCredential
from azure.keyvault.certificates import CertificateClient, CertificateContentType, CertificatePolicy
from azure.keyvault.secrets import SecretClient

VAULT = "https://demo.vault.azure.net"


def content(file: str) -> bytes:
    with open(file, "rb") as opened:
        return opened.read()


def main() -> None:
    credential = ClientSecretCredential(
        os.environ["WITNESS_TENANT"], os.environ["WITNESS_CLIENT"], os.environ["WITNESS_SECRET"]
    )
    certificates = CertificateClient(VAULT, credential)
    secrets = SecretClient(VAULT, credential)

    def import_pem(name: str, file: str):
        policy = CertificatePolicy(issuer_name="Unknown", content_type=CertificateContentType.pem)
        certificates.import_certificate(name, content(file), policy=policy)

    def import_pfx(name: str, file: str, password: str):
        certificates.import_certificate(name, content(file), password=password)

    def make(name: str):
        certificates.begin_create_certificate(name, CertificatePolicy.get_default(), _polling_interval=0.05).result()

    def tag(name: str, tags: dict):
        certificates.update_certificate_properties(name, tags=tags)

    def read(name: str):
        found, secret = certificates.get_certificate(name), secrets.get_secret(name)
        return {
            "cer": base64.b64encode(found.cer).decode(),
            "thumbprint": found.properties.x509_thumbprint.hex().upper(),
            "tags": found.properties.tags or {},
            "type": secret.properties.content_type,
            "secret": secret.value,
        }

    def names():
        return sorted(row.name for row in certificates.list_properties_of_certificates())

    def put(name: str, file: str, binary: bool):
        """Bytes go as az writes them: Key Vault itself keeps text."""
        encoding = "base64" if binary else "utf-8"
        value = base64.b64encode(content(file)).decode() if binary else content(file).decode()
        secrets.set_secret(name, value, tags={"file-encoding": encoding})

    def take(name: str):
        secret = secrets.get_secret(name)
        is_text = (secret.properties.tags or {}).get("file-encoding", "utf-8") == "utf-8"
        return base64.b64encode(secret.value.encode()).decode() if is_text else secret.value

    verbs = {verb.__name__: verb for verb in (import_pem, import_pfx, make, tag, read, names, put, take)}
    print(json.dumps([verbs[verb](**words) for verb, words in json.loads(sys.argv[1])]))


if __name__ == "__main__":
    main()
