import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { goodToken } from "./admission.ts";
import type { Deps } from "./deps.ts";
import { accessKeys, authMethods, tokens } from "./model.ts";
import { hashOf, isSameHash, newSecret, toHex } from "./secrets.ts";

const keyTypes = ["access_key", "api_key"];

export const auth = (deps: Deps) =>
  operation({
    name: "auth",
    summary: "Gives a token of the gateway for an access id and its key",
    example: "auth --access-id p-xxxxxxxxxxxx --access-key-file key.txt",
    notes: "With --profile, the profile's id and key stand in for those that are not given.",
    effect: "write",
    needs: "nothing",
    fromProfile: true,
    input: () =>
      z.object({
        "access-id": text("Access id"),
        "access-key": text("Access key", { secret: true }),
        "access-type": optionalText("Kind of login: access_key, also written api_key (default)", { placeholder: "TYPE" }),
      }),
    output: () => z.object({ token: z.string(), expiration: z.string() }),
    run: async (input) => {
      if (!keyTypes.includes(input["access-type"] ?? "access_key")) {
        throw new UscError("unsupported", "The gateway knows logins by access key alone.", {
          hint: "Leave access-type out, or say access_key.",
        });
      }
      const { store, clock, throttle } = deps;
      const id = input["access-id"];
      // Also for an id that there is not: both take the same work.
      // A file of one line ends with a line break; a key holds none.
      const given = await hashOf(input["access-key"].trim());
      const known = (await store.collection(accessKeys).get(id))?.value;
      // Nothing is waited for from here until it is counted: a thousand tries at once are not all the first one.
      const attempt = throttle.enter(id, deps.source());
      const fits = isSameHash(known?.["key-hash"] ?? "0".repeat(64), given);
      if (known === undefined || !fits) {
        attempt.failed();
        throw mismatch();
      }
      attempt.passed();
      const method = (await store.collection(authMethods).get(known.method))?.value;
      if (method === undefined) throw mismatch();
      const token = `t-${toHex(newSecret())}`;
      const expires = clock.now() + method["token-minutes"] * 60_000;
      await store.commit([store.collection(tokens).put(await hashOf(token), { method: method.name, id: method.id, expires }, 0)]);
      return { token, expiration: rfc3339(expires) };
    },
  });

const mismatch = (): UscError => new UscError("gateway_unauthenticated", "The access id and the key do not belong together.");

// A file of one line ends with a line break; a token holds none.
const Bearer = () => z.object({ token: text("The token", { secret: true }) });

export const validate = (deps: Deps) =>
  operation({
    name: "validate-token",
    summary: "Says whether a token of the gateway is good, and how long",
    example: "validate-token --token-file token.txt",
    effect: "read",
    needs: "nothing",
    input: Bearer,
    output: () =>
      z.object({ is_valid: z.boolean(), expiration: z.optional(z.string()), ttl: z.optional(z.int()), reason: z.optional(z.string()) }),
    run: async ({ token }) => {
      const found = await goodToken(deps, await hashOf(token.trim()));
      if (found === undefined) return { is_valid: false, reason: "It is not known, or has expired." };
      return { is_valid: true, expiration: rfc3339(found.expires), ttl: Math.floor((found.expires - deps.clock.now()) / 1000) };
    },
  });

export const revoke = ({ store }: Deps) =>
  operation({
    name: "revoke-token",
    summary: "Ends a token of the gateway",
    example: "revoke-token --token-file token.txt",
    effect: "write",
    needs: "nothing",
    input: Bearer,
    output: () => z.object({ revoked: z.boolean() }),
    run: async ({ token }) => {
      const stored = await store.collection(tokens).get(await hashOf(token.trim()));
      if (stored === undefined) return { revoked: false };
      await store.commit([store.collection(tokens).remove(stored.key)]);
      return { revoked: true };
    },
  });
