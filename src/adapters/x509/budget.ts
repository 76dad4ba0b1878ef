import { limits, refusal } from "./refusals.ts";

/** How much key derivation one input may still ask for. */
export interface Budget {
  iterations: number;
}

export const newBudget = (): Budget => ({ iterations: limits.iterations });

/** Takes iterations off the budget before they are worked through. The library gives numbers beyond 32 bits as text. */
export function spend(budget: Budget, iterations: number | string): number {
  const asked = Number(iterations);
  if (!(asked >= 1)) throw refusal("damaged", "The password protection");
  if (asked > budget.iterations) throw refusal("manyIterations", asked);
  budget.iterations -= asked;
  return asked;
}
