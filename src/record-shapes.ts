import { records as vaults } from "./adapters/azure/challenge.ts";
import { records as tokens } from "./adapters/azure/token-cache.ts";
import { connectors } from "./features/connectors/model.ts";
import { clouds, targets } from "./features/targets/model.ts";
import { shapeOf } from "./kernel/shape-of.ts";
import type { Shape } from "./kernel/shape.ts";

/** What each read of a vault finds in the store, as plain data: for the build. */
export const recordShapes: Readonly<Record<string, Shape>> = Object.fromEntries(
  [connectors, targets, clouds, vaults, tokens].map(({ name, schema }) => [name, shapeOf(schema())]),
);
