export { startEmulator, type Emulator, type EmulatorOptions, type EmulatorReady } from "./start.ts";
