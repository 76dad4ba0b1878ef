"""Akeyless' own Python client against a gateway of usc: what it prints, a test compares."""

import base64
import os
from datetime import datetime, timezone

import akeyless
from gateway_client import api, blank, ids, key, plain, refused, secret, token

pem = open(os.environ["WITNESS_PEM"]).read()
pfx = base64.b64encode(open(os.environ["WITNESS_PFX"], "rb").read()).decode()
print("auth", token.startswith("t-"))
print("auth api_key", api.auth(akeyless.Auth(access_type="api_key", **key)).token != token)
print("auth wrong", refused(api.auth, akeyless.Auth(access_id=key["access_id"], access_key="wrong")))
print("validate", api.validate_token(akeyless.ValidateToken(token=token)).is_valid)

for form, make in (("plain", plain), ("blank", blank)):
    path = f"/sdk/{form}"
    target, item, name = f"{path}/target", f"{path}/kv", f"sdk-{form}"
    made = api.target_create_azure(make(akeyless.TargetCreateAzure, name=target, token=token, **ids, **secret))
    print(form, "target", made.target_id > 0)
    got = api.target_get(akeyless.TargetGet(name=target, token=token))
    print(form, "target-get", got.target_name, got.target_type)
    details = api.target_get_details(akeyless.TargetGetDetails(name=target, token=token)).value.azure_target_details
    print(form, "details", details.azure_client_secret == os.environ["WITNESS_SECRET"], details.azure_cloud)
    print(form, "targets", [each.target_name for each in api.target_list(akeyless.TargetList(token=token, filter=path)).targets])
    usc = make(akeyless.CreateUSC, name=item, target_to_associate=target, azure_kv_name="demo", tags=["a"], token=token)
    print(form, "usc", api.create_usc(usc).universal_secrets_connector_name)

    on = {"usc_name": item, "token": token}
    text = make(akeyless.UscCreate, secret_name=name, value="plain text", tags={"team": "a"}, remote_secret_expires="2033-01-02T03:04:05Z", **on)
    created = api.usc_create(text)
    print(form, "create", created.secret_id.endswith(f"/secrets/{name}"), len(created.version_id))
    read = api.usc_get(make(akeyless.UscGet, secret_id=name, **on))
    print(form, "get", base64.b64decode(read.value).decode(), read.binary_value, read.metadata["tags"], read.expiration)
    updated = api.usc_update(make(akeyless.UscUpdate, secret_id=created.secret_id, value="second", **on))
    print(form, "update", updated.name, updated.version_id != created.version_id)
    old = api.usc_get(make(akeyless.UscGet, secret_id=name, version_id=created.version_id, **on))
    print(form, "version", base64.b64decode(old.value).decode())
    raw = bytes(range(256))
    api.usc_create(make(akeyless.UscCreate, secret_name=f"{name}-bin", value=base64.b64encode(raw).decode(), binary_value=True, **on))
    binary = api.usc_get(make(akeyless.UscGet, secret_id=f"{name}-bin", **on))
    print(form, "binary", base64.b64decode(binary.value) == raw, binary.binary_value)
    rows = api.usc_list(make(akeyless.UscList, search=name, **on)).secrets_list
    print(form, "list", [(row.name, row.status, row.created.tzinfo is not None) for row in rows])

    certificate = {"object_type": "certificate", **on}
    for kind, value, more in (("pem", pem, {}), ("pfx", pfx, {"binary_value": True, "pfx_password": "witness"})):
        api.usc_create(make(akeyless.UscCreate, secret_name=f"{name}-{kind}", value=value, **more, **certificate))
        out = api.usc_get(make(akeyless.UscGet, secret_id=f"{name}-{kind}", **certificate))
        print(form, kind, base64.b64decode(out.value).decode().count("BEGIN"), out.expiration > datetime.now(timezone.utc))
    shown = api.usc_list(make(akeyless.UscList, **certificate)).secrets_list
    print(form, "certificates", [(row.name, len(row.thumbprint)) for row in shown if row.name.startswith(name)])

    described = api.describe_item(akeyless.DescribeItem(name=item, token=token))
    print(form, "describe", described.item_name, described.item_type, described.item_targets_assoc[0].attributes["azure_vault"])
    api.update_item(akeyless.UpdateItem(name=item, description="changed", add_tag=["b"], rm_tag=["a"], token=token))
    api.update_item(akeyless.UpdateItem(name=item, new_metadata="said by the old name", token=token))
    print(form, "metadata", api.describe_item(akeyless.DescribeItem(name=item, token=token)).item_metadata)
    print(form, "tags", api.get_tags(akeyless.GetTags(name=item, token=token)))
    print(form, "items", [each.item_name for each in api.list_items(akeyless.ListItems(path=path, token=token)).items])

    for kind, names in (("secret", [name, f"{name}-bin"]), ("certificate", [f"{name}-pem", f"{name}-pfx"])):
        gone = [api.usc_delete(akeyless.UscDelete(secret_id=each, object_type=kind, force_delete=True, **on)).name for each in names]
        print(form, "deleted", gone)
    print(form, "absent", refused(api.usc_get, akeyless.UscGet(secret_id=name, **on)))
    api.delete_item(akeyless.DeleteItem(name=item, token=token))
    print(form, "item gone", refused(api.describe_item, akeyless.DescribeItem(name=item, token=token)))
    api.target_delete(akeyless.TargetDelete(name=target, token=token))
    print(form, "target gone", refused(api.target_get, akeyless.TargetGet(name=target, token=token)))

# As clients of some years ago ask: other paths, other names of fields.
old = {"name": "/sdk/old", "token": token}
print("old target", api.create_azure_target(akeyless.CreateAzureTarget(comment="first", **old, **ids, **secret)).target_id > 0)
api.update_azure_target(akeyless.UpdateAzureTarget(comment="second", azure_cloud=secret["azure_cloud"], **old))
print("old target-get", api.get_target(akeyless.GetTarget(**old)).comment)
print("old details", api.get_target_details(akeyless.GetTargetDetails(**old)).value.azure_target_details.connection_type)
print("old targets", [each.target_name for each in api.list_targets(akeyless.ListTargets(token=token, filter="/sdk")).targets])
api.create_usc(akeyless.CreateUSC(name="/sdk/esm", target_to_associate="/sdk/old", azure_kv_name="demo", token=token))
on = {"esm_name": "/sdk/esm", "token": token}
print("old create", api.esm_create(akeyless.EsmCreate(secret_name="sdk-old", value="first", **on)).secret_id.endswith("/sdk-old"))
api.esm_update(akeyless.EsmUpdate(secret_id="sdk-old", value="second", **on))
print("old get", base64.b64decode(api.esm_get(akeyless.EsmGet(secret_id="sdk-old", **on)).value).decode())
print("old list", "sdk-old" in [row.name for row in api.esm_list(akeyless.EsmList(**on)).secrets_list])
print("old delete", api.esm_delete(akeyless.EsmDelete(secret_id="sdk-old", **on)).name)
api.delete_item(akeyless.DeleteItem(name="/sdk/esm", token=token))
api.delete_target(akeyless.DeleteTarget(**old))
print("old target gone", refused(api.get_target, akeyless.GetTarget(**old)))

ci = {"name": "/sdk/ci", "token": token}
print("caller", len(api.auth_method_create_api_key(akeyless.AuthMethodCreateApiKey(**ci)).access_key))
api.create_role(akeyless.CreateRole(name="/sdk/reader", description="read", token=token))
api.update_role(akeyless.UpdateRole(name="/sdk/reader", new_name="/sdk/readers", token=token))
readers = {"role_name": "/sdk/readers", "token": token}
api.set_role_rule(akeyless.SetRoleRule(path="/prod/*", capability=["read"], **readers))
api.assoc_role_auth_method(akeyless.AssocRoleAuthMethod(am_name="/sdk/ci", **readers))
role = api.get_role(akeyless.GetRole(name="/sdk/readers", token=token))
print("caller shown", api.get_auth_method(akeyless.GetAuthMethod(**ci)).auth_method_name)
print("role", role.comment, role.rules.path_rules[0].path, role.role_auth_methods_assoc[0].auth_method_name)
api.delete_role_association(akeyless.DeleteRoleAssociation(assoc_id=role.role_auth_methods_assoc[0].assoc_id, token=token))
print("role taken", api.get_role(akeyless.GetRole(name="/sdk/readers", token=token)).role_auth_methods_assoc)
api.delete_role(akeyless.DeleteRole(name="/sdk/readers", token=token))
print("caller deleted", api.delete_auth_method(akeyless.DeleteAuthMethod(**ci)).name)
print("no token", refused(api.list_items, akeyless.ListItems(token="t-none")))
