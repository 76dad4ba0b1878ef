import { certificateCommands } from "./certificate-operations.ts";
import { faultMatrix } from "./matrix.ts";

faultMatrix("certificate", certificateCommands);
