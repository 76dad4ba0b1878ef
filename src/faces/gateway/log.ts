import { pino, stdTimeFunctions } from "pino";

export const logLevels = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface Log {
  write(level: "error" | "warn" | "info" | "debug", sentence: string, facts?: object): void;
}

const mostText = 1000;
/** One JSON object a line. What comes in are names, codes and numbers, never a value: so there is nothing to blank. */
export function logTo(put: (line: string) => void, level: LogLevel): Log {
  const options = { level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (label: string) => ({ level: label }) } };
  const logger = pino(options, { write: put });
  return { write: (at, sentence, facts = {}) => logger[at](facts, sentence.slice(0, mostText)) };
}
