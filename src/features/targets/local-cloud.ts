import { UscError } from "../../kernel/errors.ts";
import type { Store } from "../../kernel/store.ts";
import { type Cloud, clouds } from "./model.ts";

/** Registers a running local Azure. A registration of the same name whose local Azure has died is replaced; a live one, or a cloud that a person registered, is `conflict`. */
export async function registerLocalCloud(store: Store, cloud: Cloud, answers: (control: string) => Promise<boolean>): Promise<void> {
  const collection = store.collection(clouds);
  const before = await collection.get(cloud.name);
  if (before) {
    const { control } = before.value;
    if (control === undefined)
      throw new UscError("conflict", `The cloud ${cloud.name} is registered by hand.`, { hint: "Give --name, or --no-register." });
    if (await answers(control))
      throw new UscError("conflict", `A local Azure named ${cloud.name} is running.`, {
        hint: "Give --name another name, or stop the other.",
      });
  }
  await store.commit([collection.put(cloud.name, cloud, before?.revision ?? 0)]);
}

/** Takes the registration back, unless another local Azure has taken the name meanwhile. */
export async function unregisterLocalCloud(store: Store, cloud: Cloud): Promise<void> {
  const stored = await store.collection(clouds).get(cloud.name);
  if (stored?.value.control === cloud.control) await store.commit([store.collection(clouds).remove(cloud.name)]);
}
