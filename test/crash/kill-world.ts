import { X509Certificate } from "node:crypto";
import { expect } from "vitest";
import * as z from "zod/mini";
import { azureVaults } from "../../src/adapters/azure/index.ts";
import { objectReference } from "../../src/adapters/azure/object-reference.ts";
import { openStore } from "../../src/adapters/state/index.ts";
import { x509 } from "../../src/adapters/x509/index.ts";
import { openVault } from "../../src/features/connectors/open.ts";
import { pemType } from "../../src/features/objects/certificate-port.ts";
import type { Noun } from "../../src/features/objects/port.ts";
import { validate } from "../../src/features/objects/validate.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import type { RecordKind } from "../../src/kernel/store.ts";
import { type Lab, openLab } from "../emulator/support.ts";
import { cli } from "../support/cli.ts";
import type { Stands } from "../support/certificate-desk.ts";
import { typed } from "../support/furniture.ts";
import { killAt, type KillPoint } from "../support/kill.ts";
import { type Look, looker } from "../support/look.ts";
import { quietSteps } from "../support/quiet-steps.ts";
import { certificateFor } from "../support/test-certificates.ts";

/** A command that is killed. */
export interface Command {
  /** Default: a secret. */
  noun?: Noun;
  given: Stands;
  /** `request`: what waits under that name for its signature. */
  argv: (name: string, request: () => Promise<Buffer>) => string[] | Promise<string[]>;
  /** How the name stands when the work is done, and the copy of it. */
  ends: string;
  versions?: number;
  copy?: string;
  /** How it explains itself to one who repeats it when all its work was done. */
  again?: RegExp;
  /** How long Key Vault takes: a deletion is nowhere to be seen, and a certificate in the making, for longer than it takes to begin anew. */
  delays?: { delete?: number; issue?: number };
  /** Once it has done its work, the same command makes a version more. */
  renews?: true;
  /** A request is what it ends in. */
  waits?: true;
  /** Of the points at which it can be killed, if fewer than ten. */
  least?: number;
}

const most = 30;
export const points = Array.from({ length: most * 2 }, (_, index): KillPoint => ({
  skip: index >> 1,
  moment: index % 2 === 0 ? "before" : "after",
}));

/** Over all commands. */
export const tally = { killPoints: 0, lost: 0 };

/** A local Azure, a user of usc, and the names x0, x1, ... as the command finds them. */
export async function killWorld(command: Command) {
  const lab = await openLab({ name: "lab", vaults: ["demo"] });
  const tool = cli();
  const user = { folder: tool.folder, home: tool.home };
  const usc = async (argv: readonly string[], input = "") => tool.usc(argv, { input });
  for (const { argv, input } of typed(lab.ready, "lab")) expect((await usc(argv, input)).exit).toBe(0);
  expect((await usc(["create-usc", "--name", "kv", "--target-to-associate", "t", "--azure-kv-name", "demo"])).exit).toBe(0);
  await usc(["list", "--usc-name", "kv"]);
  if (command.delays !== undefined) await lab.control("PUT", "/settings", { delays: command.delays });
  const kind = `${command.noun ?? "secret"}s`;
  for (let index = 0; index < points.length && command.given !== "absent"; index += 1) {
    await (command.noun === "certificate"
      ? placeCertificate(lab, `x${index}`, command.given)
      : lab.control("PUT", `/secrets/demo/x${index}`, { value: "old" }));
    if (command.given === "deleted") await lab.vault("DELETE", `/${kind}/x${index}`);
  }
  const names = new Set<string>();
  const argvOf = async (name: string): Promise<string[]> => {
    names.add(name);
    return command.argv(name, async () => Buffer.from((await lab.vault("GET", `/certificates/${name}/pending`)).json.csr, "base64"));
  };
  const look = command.noun === "certificate" ? certificateLooker(lab) : looker((path) => lab.vault("GET", path));
  const strays = async (): Promise<string[]> => {
    const lists = await Promise.all(
      ["secrets", "certificates"].flatMap((each) => [`/${each}`, `/deleted${each}`]).map((list) => lab.vault("GET", list)),
    );
    return lists
      .flatMap(({ json }) => json.value.map(({ id }: { id: string }) => id.split("/").at(-1)))
      .filter((name) => name.startsWith("usc-"));
  };

  return {
    names,
    killed: async (name: string, point: KillPoint) => killAt(lab, user, await argvOf(name), point, `/*${kind}*`),
    async goesOn(name: string, where: string, before: "spared" | "killed" | "ended"): Promise<void> {
      const { exit, stderr } = await usc(await argvOf(name));
      // A deletion that is still nowhere to be seen must not be taken for the end.
      await lab.control("POST", "/clock", { advance_seconds: 1 });
      const [own, copy] = [await look(name), command.copy === undefined ? undefined : await look(`${name}-copy`)];
      if (command.given !== "absent" && own.is === "absent" && command.ends !== "absent") tally.lost += 1;
      expect({ where, is: own.is, copy: copy?.is }, stderr).toEqual({ where, is: command.ends, copy: command.copy });
      const more = before === "ended" && command.renews === true ? 1 : 0;
      if (command.versions !== undefined) expect({ where, versions: own.versions }).toEqual({ where, versions: command.versions + more });
      if (copy !== undefined) expect({ where, versions: copy.versions }).toEqual({ where, versions: 1 });
      if (exit !== 0 && before !== "ended") expect(stderr, where).toMatch(command.again ?? /^$/u);
      // What a killed check has left is named; it goes when no check can be at work on it any more.
      for (const stray of await strays()) expect(stderr, where).toContain(`Another check may still use ${stray}`);
    },
    /** Certificates in the making that usc still waits for. */
    async begun(): Promise<number> {
      const journal: RecordKind<unknown> = { name: "makings", noun: "certificate in the making", schema: () => z.any() };
      return (await openStore({ home: user.home }).collection(journal).list()).length;
    },
    /** Ten minutes later the next check clears up behind all that were killed. */
    async swept(): Promise<void> {
      const clock = { ...systemClock, now: () => Date.now() + 600_000 };
      const store = openStore({ home: user.home });
      const steps = quietSteps({ pause: (ms) => clock.sleep(ms) });
      const { secrets: adapter, certificates } = azureVaults({ store, clock, environment: {} });
      await validate({
        store,
        clock,
        steps,
        adapter,
        certificates,
        x509: async () => x509,
        openVault: openVault(store),
        readReference: objectReference,
      }).run({
        "usc-name": "kv",
      } as never);
      expect(await strays()).toEqual([]);
    },
    /** Commands of this kind that were begun, and of which nothing came. */
    async intents(): Promise<number> {
      const [operation = ""] = await argvOf("x0");
      const listed = await usc(["audit", "list", "--operation", operation]);
      expect({ exit: listed.exit, stderr: listed.stderr }).toEqual({ exit: 0, stderr: "" });
      expect((await usc(["audit", "verify"])).exit).toBe(0);
      tool.clean();
      return (listed.json["entries"] as { outcome: string }[]).filter(({ outcome }) => outcome === "unknown").length;
    },
  };
}

async function placeCertificate(lab: Lab, name: string, is: Stands): Promise<void> {
  const asked = { issuer: { name: "Unknown" }, x509_props: { subject: "CN=asked" }, key_props: { kty: "EC" } };
  const old = { value: certificateFor("old").pem, policy: { secret_props: { contentType: pemType } } };
  if (is === "asked") await lab.vault("POST", `/certificates/${name}/create`, { policy: asked });
  else await lab.vault("POST", `/certificates/${name}/import`, old);
}

/** A certificate is known by its subject, and tells when another one of its name is in the making. */
function certificateLooker(lab: Lab): (name: string) => Promise<Look> {
  return async (name) => {
    const { status, json } = await lab.vault("GET", `/certificates/${name}`);
    if (status === 404)
      return { is: (await lab.vault("GET", `/deletedcertificates/${name}`)).status === 404 ? "absent" : "deleted", versions: 0 };
    const { json: pending } = await lab.vault("GET", `/certificates/${name}/pending`);
    const { json: list } = await lab.vault("GET", `/certificates/${name}/versions`);
    if (json.cer === undefined) return { is: "in the making", versions: 0 };
    const { subject } = new X509Certificate(Buffer.from(json.cer, "base64"));
    return { is: `live ${subject}${pending.status === "inProgress" ? ", in the making" : ""}`, versions: list.value.length };
  };
}
