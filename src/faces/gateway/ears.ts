import type { IncomingMessage, ServerResponse } from "node:http";
import { beside, packed } from "../../kernel/beside.ts";
import { UscError } from "../../kernel/errors.ts";

/** What a call says beside its answer, and asks before what cannot be undone. */
export interface Ears {
  warn(sentence: string): void;
  /** A program has said what it wants. A person gets the question for an answer, and nothing is done until it comes back without one. */
  ask(question: string): Promise<boolean>;
}

/** The command line's caller hears it in headers; whoever else calls hears nothing. */
export function earsOf(incoming: IncomingMessage, outgoing: ServerResponse): Ears {
  const sentences: string[] = [];
  return {
    warn(sentence) {
      if (!isCommandLine(incoming)) return;
      sentences.push(sentence);
      outgoing.setHeader(beside.warnings, packed(sentences));
    },
    async ask(question) {
      if (incoming.headers[beside.client] !== "terminal") return true;
      outgoing.setHeader(beside.question, packed([question]));
      throw new UscError("interrupted", "It waits for a yes; nothing was done.");
    },
  };
}

/** It sends what its user gave: an empty text is one that was meant. */
export const isCommandLine = ({ headers }: Pick<IncomingMessage, "headers">): boolean => headers[beside.client] !== undefined;
