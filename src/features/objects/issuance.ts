import * as z from "zod/mini";
import { once } from "../../kernel/once.ts";
import { isCode, UscError } from "../../kernel/errors.ts";
import type { RecordKind } from "../../kernel/store.ts";
import type { Certificate, CertificateWish, Issuance } from "./certificate-port.ts";
import type { Deps } from "./deps.ts";
import { keyOf } from "./lifecycle.ts";
import { poll } from "./poll.ts";
import type { Vault } from "./port.ts";

/**
 * A certificate in the making that we began: kept until it stands, so that the same command goes on after a crash. `request` once Key Vault has named
 * it; until then `before`, the request that stood there ("" for none), tells for an hour that one which has been completed since is ours. With it, for a day.
 */
const Making = once(() =>
  z.object({
    wish: z.string(),
    request: z.optional(z.string()),
    before: z.optional(z.string()),
    until: z.optional(z.number()),
  }),
);
type Making = z.infer<ReturnType<typeof Making>>;
const makings: RecordKind<Making> = { name: "makings", noun: "certificate in the making", schema: Making };

const noun = "certificate";
/** After that, what stands there is somebody's, and the same wish one for a new version: a renewal is no repetition. */
const unnamedMs = 3_600_000;
const namedMs = 24 * 3_600_000;

/** An issuance of ours that was not seen to end: what a command that was cut off goes on with. `conflict` if it makes something else. */
export async function begunBefore(deps: Deps, vault: Vault, name: string, wish: CertificateWish): Promise<Issuance | undefined> {
  const left = (await deps.store.collection(makings).get(keyOf(vault, name, noun)))?.value;
  if (left === undefined) return undefined;
  const found = await (await deps.certificates()).issuance(vault, name);
  if (found === undefined || found.status !== "inProgress" || (left.request !== undefined && left.request !== found.request)) {
    if (found?.status === "completed" && isOurs(left, found, deps.clock.now()) && left.wish === JSON.stringify(wish)) return found;
    await forgetMaking(deps, vault, name);
    return undefined;
  }
  if (left.wish === JSON.stringify(wish)) return found;
  throw new UscError("conflict", `Another version of the certificate ${name} is in the making.`, {
    hint: "Complete it first with the command that began it.",
    reason: "making",
  });
}

function isOurs({ request, before, until = 0 }: Making, found: Issuance, now: number): boolean {
  // One that was merged past us asks for nothing any more.
  if (now >= until || found.issuer === "Unknown") return false;
  return request === undefined ? before !== undefined && before !== found.request : request === found.request;
}

/** Begins to make a version. Written down before, since Key Vault takes one at a time, and would refuse the repetition of a command that was cut off. */
export async function beginMaking(deps: Deps, vault: Vault, name: string, wish: CertificateWish): Promise<Issuance> {
  const { store } = deps;
  const certificates = await deps.certificates();
  const records = store.collection(makings);
  const key = keyOf(vault, name, noun);
  const made = JSON.stringify(wish);
  const before = (await certificates.issuance(vault, name))?.request ?? "";
  await store.commit([records.put(key, { wish: made, before, until: deps.clock.now() + unnamedMs })]);
  try {
    const issuance = await certificates.create(vault, name, wish, before);
    await store.commit([records.put(key, { wish: made, request: issuance.request, until: deps.clock.now() + namedMs })]);
    return issuance;
  } catch (error) {
    // Refused, so nothing has begun.
    if (!isCode(error, "unavailable")) await forgetMaking(deps, vault, name);
    throw error;
  }
}

/** Waits until Key Vault has the certificate, and forgets the issuance then. */
export async function untilMade(deps: Deps, vault: Vault, name: string, begun: Issuance, resume: string): Promise<Certificate> {
  const certificates = await deps.certificates();
  const step = { doing: `Waiting until ${name} is signed`, done: `The making of the certificate ${name} has begun.`, resume };
  const made = await poll(deps, vault, step, async () => {
    const now = await certificates.issuance(vault, name);
    if (now?.status === "inProgress" && now.request === begun.request) return undefined;
    if (now?.status !== "completed" || now.request !== begun.request) {
      await forgetMaking(deps, vault, name);
      throw ended(name, begun, now);
    }
    const found = await certificates.get(vault, name);
    return found.der === undefined ? undefined : found;
  });
  await forgetMaking(deps, vault, name);
  return made;
}

export async function forgetMaking({ store }: Pick<Deps, "store">, vault: Vault, name: string): Promise<void> {
  const records = store.collection(makings);
  if ((await records.get(keyOf(vault, name, noun))) !== undefined) await store.commit([records.remove(keyOf(vault, name, noun))]);
}

function ended(name: string, { issuer, request }: Issuance, now: Issuance | undefined): UscError {
  if (now === undefined || now.request !== request) {
    return new UscError("conflict", `The making of the certificate ${name} was removed by somebody else.`, {
      hint: "Repeat the command to begin anew.",
    });
  }
  if (now.status === "cancelled") return new UscError("conflict", `The making of the certificate ${name} was cancelled by somebody else.`);
  return new UscError("conflict", `The issuer ${issuer} did not sign the certificate ${name}.`, {
    hint: now.failure === undefined ? "Its own records say why." : `It says: ${now.failure}`,
  });
}
