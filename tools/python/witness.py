"""An independent client of the local Azure: the official Python SDKs, unmodified, through the proxy.

Prints one line for each thing it saw. The test beside the emulator compares the lines.
"""

import os

from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.keyvault.secrets import SecretClient

VAULT = "https://demo.vault.azure.net"
QUICK = {"_polling_interval": 0.05}


def connect(secret: str) -> SecretClient:
    credential = ClientSecretCredential(os.environ["WITNESS_TENANT"], os.environ["WITNESS_CLIENT"], secret)
    return SecretClient(VAULT, credential)


def wait_until_gone(client: SecretClient, name: str) -> None:
    """A purge is asked again until the service has caught up, as its documentation tells."""
    while True:
        try:
            client.purge_deleted_secret(name)
            return
        except HttpResponseError as error:
            if error.status_code != 409:
                raise


def restore_again(client: SecretClient, backup: bytes) -> str:
    """The name is free when the purge has ended."""
    while True:
        try:
            return client.restore_secret_backup(backup).name
        except HttpResponseError as error:
            if error.status_code != 409:
                raise


def main() -> None:
    client = connect(os.environ["WITNESS_SECRET"])

    made = client.set_secret("witness", "first", content_type="text/plain", tags={"a": "1"})
    print("set", made.name, made.value, made.properties.content_type, made.properties.tags, made.id.rsplit("/", 1)[0])
    print("get", client.get_secret("witness").value, client.get_secret("witness", made.properties.version).value)
    client.set_secret("witness", "second")
    print("versions", len(list(client.list_properties_of_secret_versions("witness"))))

    for number in range(59):
        client.set_secret(f"row-{number:02}", "x")
    print("pages", [len(list(page)) for page in client.list_properties_of_secrets().by_page()])
    names = [row.name for row in client.list_properties_of_secrets()]
    print("list", len(names), names == sorted(names), names[0], names[-1])

    changed = client.update_secret_properties("witness", enabled=False, tags={})
    print("update", changed.enabled, changed.tags)
    try:
        client.get_secret("witness")
    except HttpResponseError as error:
        print("disabled", error.status_code, error.error.code, error.error.message)
    client.update_secret_properties("witness", enabled=True)

    backup = client.backup_secret("witness")
    # These pollers hand out their result at once; only wait() waits.
    deleting = client.begin_delete_secret("witness", **QUICK)
    deleting.wait()
    deleted = deleting.result()
    print("deleted", deleted.name, (deleted.scheduled_purge_date - deleted.deleted_date).days, deleted.recovery_id)
    print("deleted list", [row.name for row in client.list_deleted_secrets()])
    try:
        client.set_secret("witness", "third")
    except HttpResponseError as error:
        print("soft-deleted", error.status_code, error.error.code, error.error.innererror["code"])
    recovering = client.begin_recover_deleted_secret("witness", **QUICK)
    recovering.wait()
    print("recovered", recovering.result().name, client.get_secret("witness").value)

    client.begin_delete_secret("witness", **QUICK).wait()
    wait_until_gone(client, "witness")
    try:
        client.get_secret("witness")
    except ResourceNotFoundError as error:
        print("purged", error.status_code, error.error.code)
    print("restored", restore_again(client, backup), client.get_secret("witness").value)
    print("versions after restore", len(list(client.list_properties_of_secret_versions("witness"))))

    try:
        connect("not-the-secret").get_secret("witness")
    except ClientAuthenticationError as error:
        print("wrong secret", error.message.split(":")[1].strip())


if __name__ == "__main__":
    main()
