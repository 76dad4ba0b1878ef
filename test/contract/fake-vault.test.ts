import { furnished } from "../support/house.ts";
import { withoutRole } from "../support/fake-vault.ts";
import { openVault } from "../../src/features/connectors/open.ts";
import { secretAdapterContract } from "./secret-adapter.ts";

// What the features are tested on must behave as what they run on.
secretAdapterContract("the fake vault", async () => {
  const { store, vault } = await furnished();
  const opened = await openVault(store)("kv");
  return { adapter: vault.adapter, vault: opened, forbidden: { ...opened, url: withoutRole }, settle: () => {} };
});
