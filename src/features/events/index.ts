import type { Duty } from "../../kernel/duty.ts";
import type { Operation } from "../../kernel/operation.ts";
import { createWebhook } from "./create.ts";
import { remove } from "./delete.ts";
import { eventDelivery } from "./deliver.ts";
import { deliveries, redeliver } from "./deliveries.ts";
import type { Deps } from "./deps.ts";
import { get, list } from "./read.ts";
import { test } from "./test.ts";
import { unsupported } from "./unsupported.ts";
import { updateWebhook } from "./update.ts";

const verbs = [createWebhook, updateWebhook, get, list, remove, test, deliveries, redeliver];

export const operations = (deps: Deps): Operation[] => [...verbs.map((verb) => verb(deps)), ...unsupported];

export const duties = (deps: Deps): Duty[] => [eventDelivery(deps)];
