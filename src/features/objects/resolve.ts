import * as z from "zod/mini";
import { isCode, UscError } from "../../kernel/errors.ts";
import { text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import type { Deps } from "./deps.ts";
import { answerOf, locate as locateObject, secretAnswer } from "./get.ts";
import { limits, limitsOf } from "./inputs.ts";
import type { Limits, Vault } from "./port.ts";

export const resolve = (deps: Pick<Deps, "adapter" | "clock" | "openVault" | "readReference">) =>
  operation({
    name: "usc-resolve",
    aliases: ["resolve"],
    summary: "Reads what a reference names",
    example: "usc-resolve 'azurevault://prod/kv/db#password' -o raw",
    notes: "A reference is azurevault://CONNECTOR/NAME[#json.path][/VERSION]; `account.` and `org.` before the connector are passed over.",
    effect: "read",
    needs: [],
    opens: "read",
    raw: { field: "value", base64: true },
    input: () => z.object({ reference: text("azurevault://CONNECTOR/NAME[#json.path][/VERSION]", { positional: true }), ...limits() }),
    output: secretAnswer,
    run: async (input) => {
      const { vault, reference } = await locate(deps, input.reference, limitsOf(deps.clock, input));
      const { name, version, path } = locateObject(deps, vault, "secret", reference);
      return answerOf(await deps.adapter.get(vault, name, version), path);
    },
  });

/** Where the connector's path ends the text does not say: the longest one that is stored wins. */
async function locate(
  { openVault }: Pick<Deps, "openVault">,
  given: string,
  allowed: Limits,
): Promise<{ vault: Vault; reference: string }> {
  const [, place] = /^azurevault:\/\/(?:account\.|org\.)?(.+)$/su.exec(given) ?? [];
  const words = place?.split("/") ?? [];
  if (words.length < 2) throw malformed();
  // Behind a # there is a version at most; without one the last word is the name, or the last two are name and version.
  const marked = words.findIndex((word) => word.includes("#"));
  const ends = marked < 0 ? [words.length - 1, words.length - 2] : [marked];
  let absent: unknown;
  for (const end of ends) {
    const [connector, reference] = [words.slice(0, end).join("/"), words.slice(end).join("/")];
    if (connector === "" || reference === "" || reference.startsWith("/")) continue;
    try {
      return { vault: await openVault(connector, allowed), reference };
    } catch (error) {
      // What a caller may not open is to him as if it were not there, whether it is or not.
      if (!isCode(error, "not_found") && !isCode(error, "gateway_forbidden")) throw error;
      absent ??= error;
    }
  }
  throw absent ?? malformed();
}

const malformed = (): UscError =>
  new UscError("usage", "The reference is not valid.", { hint: "It is azurevault://CONNECTOR/NAME[#json.path][/VERSION]." });
