import { gatewayAddress, placeOf } from "./adapters/gateway/address.ts";
import { foreign } from "./adapters/gateway/answers.ts";
import { type Call, gatewayAt } from "./adapters/gateway/index.ts";
import { type AppOptions, openState } from "./app.ts";
import type { Meant } from "./faces/cli/meant.ts";
import { findProfile, profileAt } from "./features/profiles/find.ts";
import { sessionOf } from "./features/profiles/login.ts";
import { systemClock } from "./kernel/clock.ts";
import { isCode } from "./kernel/errors.ts";
import { isRecord } from "./kernel/is-record.ts";
import type { Command } from "./kernel/manifest.ts";
import { once } from "./kernel/once.ts";
import { fits } from "./kernel/shape.ts";
import type { Steps, Stop } from "./kernel/steps.ts";

export interface RemoteOptions extends Pick<AppOptions, "home" | "environment" | "shapes"> {
  onCall?: ((call: Call) => void) | undefined;
  steps: Pick<Steps, "confirm" | "warn">;
  isAsked: () => boolean;
  stop: Stop;
}

type Run = (command: Command, input: Readonly<Record<string, unknown>>) => Promise<Record<string, unknown>>;

// Longer than a gateway waits for Key Vault, but for those who say that they wait longer.
const usualMs = 600_000;
const moreMs = 30_000;

/** Runs commands at a gateway: what was given is sent, and what comes back is the answer or the failure as if it had run here. */
export async function openGateway(meant: Meant, options: RemoteOptions): Promise<Run> {
  const clock = systemClock;
  const store = once(() => openState(options));
  const named = meant.url === undefined ? (await findProfile(await store(), meant.profile ?? "")).value : undefined;
  const place = placeOf(meant.url ?? named?.["gateway-url"] ?? "", meant.insecure || named?.["insecure-gateway"] === true);
  const url = gatewayAddress(place);
  const gateway = gatewayAt({ ...options, place, clock, signal: options.stop.signal });

  const keyOf = async (name: string): Promise<Record<string, unknown>> => {
    const { value } = await profileAt(await store(), name, url);
    return { "access-id": value["access-id"], "access-key": value["access-key"] };
  };

  return async (command, input) => {
    const { route, effect, bare, output } = command;
    // What was begun there goes on there: whoever stops hears it.
    if (effect === "write") options.stop.hold();
    const seconds = Number(input["timeout"]);
    const withinMs = seconds > 0 ? seconds * 1000 + moreMs : usualMs;
    const body = command.fromProfile === true && meant.profile !== undefined ? { ...(await keyOf(meant.profile)), ...input } : input;
    const ask = (token?: string): Promise<unknown> => gateway.post({ route, body, effect, token, withinMs });
    const asCaller = async (): Promise<unknown> => {
      if (command.open === true) return ask();
      if (meant.token !== undefined) return ask(meant.token);
      const session = { store: await store(), clock, gateway };
      const profile = await profileAt(session.store, meant.profile, url);
      const { token, fresh } = await sessionOf(session, profile);
      return ask(token).catch(async (error: unknown) => {
        if (fresh || !isCode(error, "gateway_unauthenticated")) throw error;
        // Ended or revoked meanwhile. What was refused has done nothing.
        return ask((await sessionOf(session, profile, token)).token);
      });
    };
    const told = await asCaller();
    const answer = bare === undefined ? told : { [bare]: told };
    if (isRecord(answer) && fits(output, answer)) return answer;
    throw foreign(200, url);
  };
}
