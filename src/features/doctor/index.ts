import type { Operation } from "../../kernel/operation.ts";
import { doctor } from "./doctor.ts";

export const operations = (deps: Parameters<typeof doctor>[0]): Operation[] => [doctor(deps)];
