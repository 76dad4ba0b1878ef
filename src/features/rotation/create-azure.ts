import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { choice, description, flag, list, optionalGuid, optionalText, text, word } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { itemPath } from "../../kernel/paths.ts";
import { present } from "../../kernel/present.ts";
import { onItem, onTarget } from "../../kernel/rights.ts";
import type { Change } from "../../kernel/store.ts";
import { connectors } from "../connectors/model.ts";
import { findTarget } from "../targets/find.ts";
import { wholeLine } from "../targets/find.ts";
import { targets } from "../targets/model.ts";
import type { Deps } from "./deps.ts";
import { contentPut } from "./find.ts";
import { scheduleFields, scheduleFrom, usual } from "./inputs.ts";
import { untouched } from "./journal.ts";
import { asCommand, engineOf } from "./manner.ts";
import { type Content, credentials, type RotatedSecret, rotatedSecrets } from "./model.ts";
import { begin, carryOut, settle } from "./rotate.ts";
import { requireRoom } from "./stage.ts";
import { requireClientSecret, subjectOf } from "./subject.ts";

const input = () =>
  z.object({
    name: text("Path of the rotated secret", { short: "n" }),
    "target-name": text("Target that is rotated, or in whose cloud and tenant", { placeholder: "NAME" }),
    "rotator-type": word("What is rotated", ["api-key", "target", "password", "azure-storage-account"]),
    "authentication-credentials": choice("Who rotates: the credential itself, or the target", [...credentials, "use-self-creds"]),
    "app-id": optionalGuid("Application whose client secret it is (default: the target's)", { aliases: ["application-id"] }),
    "api-id": optionalGuid("Key id of the present client secret; without it usc makes one"),
    "api-key": optionalText("The present client secret itself", { secret: true }),
    ...scheduleFields(),
    "skip-dry-run": flag("Store a given credential without trying it"),
    description: description("What it is for"),
    tag: list("Tag; may be repeated", { short: "t", aliases: ["tags"] }),
    key: optionalText("Name of a protection key: not supported"),
  });
type Input = z.output<ReturnType<typeof input>>;

export const createAzure = (deps: Deps) =>
  operation({
    name: "rotated-secret create azure",
    route: "rotated-secret-create-azure",
    aliases: ["create-rotated-secret"],
    legacyRoutes: ["create-rotated-secret"],
    summary: "Keeps a credential at Azure, and replaces it by schedule or when told to",
    example: "rotated-secret create azure --name /prod/app-key --target-name /prod/app --rotator-type api-key --app-id GUID",
    notes:
      "api-key: a client secret of an application. Without --api-id one is made now, beside what stands there, and goes with `usc rotated-secret delete`. target: the client secret that the target itself logs in with. Nothing is ever removed before its successor has logged in.",
    effect: "write",
    needs: [
      onItem("create", "name"),
      onTarget("read", "target-name"),
      { ...onTarget("update", "target-name"), when: "rotator-type", is: ["target"] },
    ],
    input,
    output: () => z.object({ name: z.string() }),
    run: (given) => create(deps, given),
  });

async function create(deps: Deps, given: Input): Promise<{ name: string }> {
  const { store } = deps;
  const [engine, manner] = [engineOf(deps), asCommand(deps)];
  const path = itemPath(given.name, "rotated secret");
  const whose = whoseOf(given);
  const schedule = scheduleFrom(given, usual);
  await settle(engine, manner, path);
  const target = await findTarget(store, given["target-name"]);
  const now = rfc3339(deps.clock.now());
  const content = contentFrom(given, target.value, now);
  const version = content.versions.length;
  const id = await store.nextId("items");
  const item: RotatedSecret = {
    ...whose,
    ...schedule,
    ...present({ description: given.description }),
    id,
    name: path,
    "target-name": target.key,
    version,
    told: [],
    status: "ok",
    failures: 0,
    tags: given.tag ?? [],
    "created-at": now,
    "modified-at": now,
  };
  const changes: Change[] = [
    store.collection(rotatedSecrets).put(path, item, 0),
    contentPut(store, item, content, 0),
    // Items share their names, and whoever deletes the target at the same instant must lose.
    store.collection(connectors).vacant(path),
    store.collection(targets).touch(target.key, target.revision),
  ];
  if (version === 0) await carryOut(engine, await begin(engine, manner, { key: path, value: item }, changes));
  else {
    if (given["skip-dry-run"] !== true) await tryOut(deps, item, content);
    await store.commit([...changes, untouched(engine, path)]);
  }
  return { name: path };
}

/** What is given is what works, and can be replaced: or it is not taken. */
export async function tryOut({ store, rotator }: Deps, item: RotatedSecret, content: Content): Promise<void> {
  const [current] = content.versions;
  const subject = await subjectOf(store, item, content);
  const azure = await rotator();
  if (current !== undefined) await azure.verify(subject, current.secret);
  requireRoom(subject, await azure.look(subject));
}

type Whose = Pick<RotatedSecret, "rotator-type" | "authentication-credentials">;

function whoseOf(given: Input): Whose {
  const { "rotator-type": type, "authentication-credentials": asked, key } = given;
  if (key !== undefined)
    throw new UscError("unsupported", "usc has no protection keys.", {
      hint: "Its store seals every value with its own master key; leave out --key.",
    });
  if (type === "password" || type === "azure-storage-account") {
    throw new UscError("unsupported", `usc cannot rotate a credential of the kind ${type} yet.`, {
      hint: "--rotator-type is api-key or target.",
    });
  }
  const own = given["api-id"] !== undefined || given["api-key"] !== undefined;
  if (type === "target") {
    if (own || given["app-id"] !== undefined)
      throw new UscError("usage", "--app-id, --api-id and --api-key do not belong to --rotator-type target.", {
        hint: "The target knows its own application and secret.",
      });
    return { "rotator-type": type, "authentication-credentials": "use-target-creds" };
  }
  if (own && (given["api-id"] === undefined || given["api-key"] === undefined)) {
    throw new UscError("usage", `--${given["api-id"] === undefined ? "api-id" : "api-key"} is missing: the two belong together.`, {
      hint: "Without both, usc makes a client secret of its own.",
    });
  }
  const isUser = asked === undefined ? own : asked !== "use-target-creds";
  if (isUser && !own) {
    throw new UscError(
      "usage",
      "--api-id and --api-key are missing: --authentication-credentials use-user-creds rotates with the credential itself.",
      { hint: "Give both, or --authentication-credentials use-target-creds" },
    );
  }
  return { "rotator-type": type, "authentication-credentials": isUser ? "use-user-creds" : "use-target-creds" };
}

function contentFrom(given: Input, target: Parameters<typeof requireClientSecret>[0], made: string): Content {
  if (given["rotator-type"] === "target") {
    const { client, secret } = requireClientSecret(target);
    return { application: client, versions: [{ version: 1, secret, ours: false, made }], strays: [] };
  }
  const application = (given["app-id"] ?? target["client-id"])?.toLowerCase();
  if (application === undefined) throw new UscError("usage", "--app-id is missing: the target has no application of its own.");
  const [keyId, secret] = [given["api-id"], given["api-key"]];
  if (keyId === undefined || secret === undefined) return { application, versions: [], strays: [] };
  return {
    application,
    versions: [{ version: 1, "key-id": keyId.toLowerCase(), secret: wholeLine(secret), ours: false, made }],
    strays: [],
  };
}
