import { UscError } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import type { Store } from "../../kernel/store.ts";
import { trustedCloud } from "../targets/clouds.ts";
import { findTarget } from "../targets/find.ts";
import { connectionTypeOf, type Target } from "../targets/model.ts";
import type { Content, RotatedSecret } from "./model.ts";
import type { Subject } from "./port.ts";

type Whose = Pick<RotatedSecret, "target-name" | "rotator-type" | "authentication-credentials" | "policy">;

/** Whom Azure is asked as, and for whose credential: as it stands in the store now. */
export async function subjectOf(
  store: Store,
  item: Whose,
  { holder, key: which, versions }: Pick<Content, "holder" | "key" | "versions">,
): Promise<Subject> {
  const { key, value: target } = await findTarget(store, item["target-name"]);
  const cloud = await trustedCloud(store, key, target, "whole");
  if (item["rotator-type"] === "target" && target["client-id"] !== holder) {
    throw new UscError("conflict", `The target ${key} is another application now than when its secret was first rotated here.`, {
      hint: "Delete the rotated secret, and create it again.",
    });
  }
  const whose = { holder, ...present({ key: which, policy: item.policy }) };
  const [current] = versions;
  if (item["authentication-credentials"] === "use-target-creds" || current === undefined) return { cloud, target, ...whose };
  return { cloud, target: itself(target, holder, current.secret), ...whose };
}

/** The application as whose own credential it is rotated. Its name stays the target's, for sentences. */
const itself = (target: Target, application: string, secret: string): Target => ({
  ...target,
  "connection-type": "credentials",
  "client-id": application,
  "client-secret": secret,
});

export function requireClientSecret(target: Target): { client: string; secret: string } {
  const { "client-id": client, "client-secret": secret, name } = target;
  if (connectionTypeOf(target) === "credentials" && client !== undefined && secret !== undefined) return { client, secret };
  throw new UscError("usage", `The target ${name} has no client secret to rotate.`, {
    hint: "--rotator-type target is for targets with a client secret.",
  });
}
