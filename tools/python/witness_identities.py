"""Who a program can be: every credential of the official Python SDK that needs no human, unmodified.

Prints one line for each: which identity the vault would see, read out of the token that it got.
"""

import base64
import json
import os

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    CredentialUnavailableError,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)
from azure.keyvault.secrets import SecretClient

SCOPE = "https://vault.azure.net/.default"
TENANT = os.environ["WITNESS_TENANT"]
CLIENT = os.environ["WITNESS_CLIENT"]
PEM = os.environ["WITNESS_PEM"]


def seen(what: str, credential) -> None:
    payload = credential.get_token(SCOPE).token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    names = len(list(SecretClient("https://demo.vault.azure.net", credential).list_properties_of_secrets()))
    print(what, claims["oid"], claims["appidacr"], names)


def main() -> None:
    seen("secret", ClientSecretCredential(TENANT, CLIENT, os.environ["WITNESS_SECRET"]))
    seen("certificate", CertificateCredential(TENANT, CLIENT, PEM))
    seen("certificate with its chain", CertificateCredential(TENANT, CLIENT, PEM, send_certificate_chain=True))
    seen("federated", WorkloadIdentityCredential(tenant_id=TENANT, client_id=CLIENT, token_file_path=os.environ["WITNESS_TOKEN"]))

    os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = os.environ["WITNESS_IMDS"]
    user = os.environ["WITNESS_USER_ASSIGNED"]
    seen("machine", ManagedIdentityCredential())
    seen("machine by client id", ManagedIdentityCredential(client_id=user))
    try:
        ManagedIdentityCredential(client_id="nobody").get_token(SCOPE)
    except (ClientAuthenticationError, CredentialUnavailableError) as error:
        print("machine without it", type(error).__name__)

    os.environ["IDENTITY_ENDPOINT"] = os.environ["WITNESS_ENDPOINT"]
    os.environ["IDENTITY_HEADER"] = os.environ["WITNESS_HEADER"]
    seen("app", ManagedIdentityCredential())
    seen("app by client id", ManagedIdentityCredential(client_id=user))


if __name__ == "__main__":
    main()
