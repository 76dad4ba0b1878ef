import * as z from "zod/mini";
import type { Cloud, Target } from "../../features/targets/model.ts";
import { UscError } from "../../kernel/errors.ts";
import { parseJson } from "./answers.ts";
import { entraRefusal } from "./entra-refusals.ts";
import { unreachable } from "./failures.ts";
import { persist, type Patience } from "./persist.ts";
import { requestIdOf, type Transport } from "./transport.ts";

const limit = 64 * 1024;

const Granted = z.object({
  access_token: z.string().check(z.regex(/^[!-~]{1,20000}$/)),
  // A number, and in some clouds its digits.
  expires_in: z.union([z.number().check(z.minimum(0), z.maximum(31_536_000)), z.string().check(z.regex(/^[0-9]{1,8}$/))]),
});

export interface Token {
  text: string;
  /** Epoch milliseconds. */
  expires: number;
}

/** Asks Entra for a token of the target, for the cloud's vaults. The secret goes into this one body and nowhere else. */
export async function fetchToken(transport: Transport, cloud: Cloud, target: Target, patience: Patience): Promise<Token> {
  const origin = cloud["authority-host"];
  const login = origin.slice("https://".length);
  const path = `/${encodeURIComponent(target["tenant-id"])}/oauth2/v2.0/token`;
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: target["client-id"],
    client_secret: target["client-secret"],
    scope: `${cloud["key-vault-audience"]}/.default`,
  }).toString();
  const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
  const { reply, failure } = await persist(patience, "read", (withinMs) =>
    transport(cloud, { method: "POST", origin, path, limit, withinMs }).send({ headers, body }, withinMs),
  );
  if (failure !== undefined) throw unreachable(failure, { origin, is: "login" });
  if (reply.status !== 200) throw entraRefusal(reply, target, login);
  const granted = parseJson(Granted, reply.body);
  if (granted === undefined) {
    throw new UscError("unavailable", `${login} answered a login with something that is no token of Entra's.`, {
      requestId: requestIdOf(reply),
      hint: "Check the authority host of the cloud, and the proxy if there is one.",
    });
  }
  return { text: granted.access_token, expires: patience.clock.now() + Number(granted.expires_in) * 1000 };
}
