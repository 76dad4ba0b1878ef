import { admission } from "../features/access/admission.ts";
import { hasCallers } from "../features/access/bootstrap.ts";
import type { ServeOptions } from "../faces/gateway/serve.ts";
import { networkOf } from "../faces/gateway/source.ts";
import type { House } from "../house.ts";
import { systemClock } from "../kernel/clock.ts";
import { jsonSchemaOf } from "../kernel/json-schema.ts";

interface Surroundings {
  say: (sentence: string) => void;
  stop: AbortSignal;
}

/** What the face serves: the operations of a house, for whoever shows a good token. */
export function serviceOf(house: House, { say, stop }: Surroundings): Pick<ServeOptions, "admit" | "answerOf" | "call" | "probe"> {
  return {
    admit: admission({ store: house.store, clock: systemClock }),
    probe: () => hasCallers(house),
    async answerOf({ room, name, bare }) {
      const output = (await house.find(room, name)).output();
      return jsonSchemaOf(bare === undefined ? output : (output.def.shape[bare] ?? output));
    },
    async call(command, input, bearer, { source, ask, warn }) {
      const both = (sentence: string): void => [say, warn].forEach((each) => each(sentence));
      const caller = { name: bearer?.name ?? "nobody yet", rights: bearer?.rights, source: networkOf(source), stop, warn: both, ask };
      return house.call(await house.find(command.room, command.name), input, caller, command);
    },
  };
}
