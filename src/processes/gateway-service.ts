import { admission } from "../features/access/admission.ts";
import { hasCallers } from "../features/access/bootstrap.ts";
import type { ServeOptions } from "../faces/gateway/serve.ts";
import { networkOf } from "../faces/gateway/source.ts";
import type { House } from "../house.ts";
import { systemClock } from "../kernel/clock.ts";
import { jsonSchemaOf } from "../kernel/json-schema.ts";
import { invoke } from "../kernel/operation.ts";
import { stepsOf } from "../kernel/steps.ts";

interface Surroundings {
  say: (sentence: string) => void;
  /** Operations of several steps end between two of them. */
  stop: AbortSignal;
}

/** What the face serves: the operations of a house, each call within its own context and through the one door. */
export function serviceOf(house: House, { say, stop }: Surroundings): Pick<ServeOptions, "admit" | "answerOf" | "call" | "probe"> {
  const clock = systemClock;
  return {
    admit: admission({ store: house.store, clock }),
    probe: () => hasCallers(house),
    async answerOf({ room, name, bare }) {
      const output = (await house.find(room, name)).output();
      return jsonSchemaOf(bare === undefined ? output : (output.def.shape[bare] ?? output));
    },
    call(command, input, bearer, { source, ...ears }) {
      const seen = {};
      const warn = (sentence: string): void => [say, ears.warn].forEach((each) => each(sentence));
      const steps = stepsOf({ clock, stop: { signal: stop, hold() {} }, tell() {}, warn, ask: ears.ask });
      const caller = (): string => bearer?.name ?? "nobody yet";
      const witness = { audit: house.store.audit, clock, seen, caller, rights: bearer?.rights, warn };
      return house.within({ seen, steps, rights: bearer?.rights, source: networkOf(source) }, async () =>
        invoke(await house.find(command.room, command.name), input, witness, { declaration: command }),
      );
    },
  };
}
