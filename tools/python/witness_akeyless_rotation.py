"""Akeyless' own Python client with the rotated secrets of a gateway of usc: what it prints, a test compares."""

import base64
import os

import akeyless
from gateway_client import api, blank, ids, plain, refused, secret, token


def value_of(name):
    return api.rotated_secret_get_value(akeyless.RotatedSecretGetValue(name=name, token=token))["value"]


def remote(name):
    read = api.usc_get(akeyless.UscGet(usc_name="/sdk/kv", secret_id=name, token=token))
    return base64.b64decode(read.value).decode()


def described(name):
    return api.describe_item(akeyless.DescribeItem(name=name, token=token))


api.target_create_azure(akeyless.TargetCreateAzure(name="/sdk/target", token=token, **ids, **secret))
api.create_usc(akeyless.CreateUSC(name="/sdk/kv", target_to_associate="/sdk/target", azure_kv_name="demo", token=token))
by_the_target = {"authentication_credentials": "use-target-creds"}
by_target = {"target_name": "/sdk/target", **by_the_target}
application = ids["client_id"]
# The target's own secret stands at that application too: usc has not made it, and never takes it away.
by_hand = {"api_id": os.environ["WITNESS_KEY_ID"], "api_key": secret["client_secret"]}

for form, make in (("plain", plain), ("blank", blank)):
    item, there = f"/sdk/{form}/key", f"sdk-{form}-key"
    named = {"name": item, "token": token}
    schedule = {"auto_rotate": "true", "rotation_interval": "30", "rotation_hour": 3, "rotation_event_in": ["7", "1"]}
    mine = {"rotator_type": "api-key", "application_id": application, "tags": ["a"], **by_target, **schedule, **named}
    print(form, "create", api.rotated_secret_create_azure(make(akeyless.RotatedSecretCreateAzure, **mine)).name)
    first = api.rotated_secret_get_value(make(akeyless.RotatedSecretGetValue, **named))["value"]
    print(form, "value", sorted(first), first["application_id"] == application, len(first["password"]) > 30)
    shown = described(item)
    details = shown.item_general_info.rotated_secret_details
    print(form, "describe", shown.item_type, shown.auto_rotate, shown.rotation_interval, shown.item_tags, shown.usc_sync_associated_items)
    print(form, "details", details.rotator_type, details.rotator_creds_type, details.rotator_status, details.rotation_hour)
    print(form, "events", [each.seconds_before // 86400 for each in shown.item_general_info.next_rotation_events])
    print(form, "next", shown.next_rotation_date.hour, (shown.next_rotation_date.date() - shown.creation_date.date()).days)
    rows = api.gateway_list_rotated_secrets(akeyless.GatewayListRotatedSecrets(token=token)).items
    print(form, "list", [row.item_name for row in rows])
    print(form, "list by its new name", api.rotated_secret_list(akeyless.RotatedSecretList(token=token)).producers)
    changed = make(akeyless.RotatedSecretUpdateAzure, rotation_interval="60", add_tag=["b"], description="mine", **named)
    print(form, "update", api.rotated_secret_update_azure(changed).name)
    print(form, "updated", described(item).rotation_interval, described(item).item_tags, described(item).item_metadata)

    to = {"usc_name": "/sdk/kv", **named}
    synced = api.rotated_secret_sync(make(akeyless.RotatedSecretSync, filter_secret_value=".password", delete_remote=True, **to))
    print(form, "sync", synced["synced"], remote(there) == first["password"])
    print(form, "rotate", api.rotate_secret(make(akeyless.RotateSecret, **named)).name)
    second = value_of(item)
    print(form, "rotated", second["username"] != first["username"], remote(there) == second["password"], described(item).last_version)
    old = api.rotated_secret_get_value(akeyless.RotatedSecretGetValue(version=1, **named))["value"]
    print(form, "version", old == first)
    given = make(akeyless.RotatedSecretUpdateAzure, keep_prev_version="false", item_custom_fields={"owner": "me"}, **by_hand, **by_the_target, **named)
    print(form, "given", api.rotated_secret_update_azure(given).name, value_of(item)["username"] == by_hand["api_id"], described(item).last_version)
    print(form, "no more", refused(api.rotated_secret_get_value, akeyless.RotatedSecretGetValue(version=2, **named)), remote(there) == secret["client_secret"])
    print(form, "custom", [(each.name, each.value) for each in described(item).item_custom_fields_details])
    (association,) = described(item).usc_sync_associated_items
    about = association.attributes
    print(form, "association", association.item_name, association.item_type, association.delete_remote)
    print(form, "attributes", about.secret_name, about.jq_secret_filter, about.last_error, about.secret_id.endswith(f"/secrets/{there}"))
    print(form, "sync again", len(api.rotated_secret_sync(make(akeyless.RotatedSecretSync, **named))["synced"]))
    bad = akeyless.RotatedSecretSync(filter_secret_value=".password | length", **to)
    print(form, "filter", refused(api.rotated_secret_sync, bad))
    print(form, "still synced", refused(api.rotated_secret_delete, akeyless.RotatedSecretDelete(**named)))
    ended = api.rotated_secret_delete_sync(make(akeyless.RotatedSecretDeleteSync, **to))
    print(form, "delete-sync", ended.secret_name, ended.usc_name)
    print(form, "remote gone", refused(api.usc_get, akeyless.UscGet(usc_name="/sdk/kv", secret_id=there, token=token)))
    print(form, "delete", api.rotated_secret_delete(make(akeyless.RotatedSecretDelete, **named)).item_name)
    print(form, "gone", refused(api.describe_item, akeyless.DescribeItem(**named)))

print("fields", *sorted(akeyless.RotatedSecretUpdateAzure.attribute_map.values()))

# As clients of some years ago ask.
old = {"name": "/sdk/old", "token": token}
mine = {"rotator_type": "api-key", "application_id": application, **by_target, **old}
print("old create", api.create_rotated_secret(akeyless.CreateRotatedSecret(**mine)).name)
value = api.get_rotated_secret_value(akeyless.GetRotatedSecretValue(names="/sdk/old", token=token))["value"]
print("old value", sorted(value))
print("old update", api.update_rotated_secret(akeyless.UpdateRotatedSecret(auto_rotate="true", rotation_interval="7", **old)).name)
given = akeyless.UpdateRotatedSecret(rotator_creds_type="use-target-creds", **by_hand, **old)
print("old given", api.update_rotated_secret(given).name, value_of("/sdk/old")["password"] == secret["client_secret"])
print("old list", [row.rotation_interval for row in api.list_items(akeyless.ListItems(type=["rotated-secret"], token=token)).items])
print("old delete", api.rotated_secret_delete(akeyless.RotatedSecretDelete(**old)).item_name)
static = akeyless.StaticSecretSync(name="/sdk/static", usc_name="/sdk/kv", token=token)
print("old static", refused(api.static_secret_sync, static))

# The target's own secret: what is opened by it goes on with the new one.
own = {"name": "/sdk/own", "token": token}
api.rotated_secret_create_azure(akeyless.RotatedSecretCreateAzure(rotator_type="target", target_name="/sdk/target", **own))
print("own value", sorted(value_of("/sdk/own")["target_value"]))
api.rotated_secret_sync(akeyless.RotatedSecretSync(usc_name="/sdk/kv", filter_secret_value=".target_value.azure_client_secret", **own))
api.rotate_secret(akeyless.RotateSecret(**own))
now = value_of("/sdk/own")["target_value"]["azure_client_secret"]
stored = api.target_get_details(akeyless.TargetGetDetails(name="/sdk/target", token=token)).value.azure_target_details
print("own rotated", now != secret["client_secret"], now == stored.azure_client_secret, remote("sdk-own") == now)
