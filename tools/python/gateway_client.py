"""What the witnesses of the gateway have in common: Akeyless' own client, logged in."""

import json
import os

import akeyless
from akeyless.exceptions import ApiException

api = akeyless.V2Api(akeyless.ApiClient(akeyless.Configuration(host=os.environ["WITNESS_URL"])))
key = {"access_id": os.environ["WITNESS_ID"], "access_key": os.environ["WITNESS_KEY"]}
ids = {"tenant_id": os.environ["WITNESS_TENANT"], "client_id": os.environ["WITNESS_CLIENT"]}
secret = {"client_secret": os.environ["WITNESS_SECRET"], "azure_cloud": os.environ["WITNESS_CLOUD"]}
token = api.auth(akeyless.Auth(**key)).token


def refused(call, body):
    try:
        call(body)
        return "not refused"
    except ApiException as error:
        return f"{error.status} {json.loads(error.body)['code']}"


def blank(model, **given):
    """Every optional field as an empty text, as Terraform sends what its user left out."""
    names = [name for name, kind in model.openapi_types.items() if kind == "str" and name not in given]
    return model(**given, **{name: "" for name in names})


def plain(model, **given):
    return model(**given)
