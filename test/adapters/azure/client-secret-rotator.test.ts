import { clientSecretRotator } from "../../../src/adapters/azure/client-secret-rotator.ts";
import { rotatorContract } from "../../contract/rotator.ts";
import { openLab } from "../../emulator/support.ts";
import { leapingClock } from "../../support/azure-house.ts";
import { memoryStore } from "../../support/memory-store.ts";
import { directoryOf, furnishedSubject } from "../../support/rotation-house.ts";

const clock = leapingClock();
const lab = await openLab({ clock, name: "lab" });
const azure = directoryOf(lab);
const store = memoryStore();
const whose = await furnishedSubject(lab, store, clock);
const subjectOf = (holder: string) => ({ ...whose, holder });

rotatorContract("client secrets at the local Azure's Graph", {
  rotator: clientSecretRotator({ store, clock, environment: {} }),
  async open() {
    const { appId } = await azure.application("one");
    const { keyId } = await azure.addPassword(appId, "somebody's");
    return { subject: subjectOf(appId), foreign: keyId };
  },
  async gone() {
    const { appId, id } = await azure.application("gone");
    await azure.graph("DELETE", `/applications/${id}`);
    return subjectOf(appId);
  },
});
