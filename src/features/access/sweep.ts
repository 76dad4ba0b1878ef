import { hourMs } from "../../kernel/duration.ts";
import type { Duty } from "../../kernel/duty.ts";
import type { Deps } from "./deps.ts";
import { tokens } from "./model.ts";

/** Records of one commit. */
const handful = 200;

/** Expired tokens let nobody in; they only take room. */
export const tokenSweep = ({ store }: Pick<Deps, "store">): Duty => ({
  name: "token-sweep",
  summary: "Removes expired tokens of the gateway, once an hour",
  due: async (_, last = 0) => last + hourMs,
  async run(turn) {
    const collection = store.collection(tokens);
    const expired = (await collection.list()).filter(({ value }) => value.expires <= turn.began);
    for (let at = 0; at < expired.length; at += handful) {
      turn.signal.throwIfAborted();
      await turn.commit(expired.slice(at, at + handful).map(({ key }) => collection.remove(key)));
    }
    return `${expired.length} expired tokens removed.`;
  },
});
