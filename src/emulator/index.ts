export { startEmulator, type Emulator, type EmulatorOptions } from "./start.ts";
export type { EmulatorReady } from "./ready.ts";
export { StartRefused } from "./start-refused.ts";
