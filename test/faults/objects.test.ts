import { faultMatrix } from "./matrix.ts";
import { secretCommands } from "./operations.ts";

faultMatrix("secret", secretCommands);
