/** The steps of a check as CI servers read them. A skipped step is skipped, a failed one fails with its sentence and hint. */
export function junit(suite: string, steps: unknown): string {
  const cases = Array.isArray(steps) ? steps.filter(isStep) : [];
  const count = (status: string): number => cases.filter((step) => step.status === status).length;
  const total = cases.reduce((sum, { ms }) => sum + ms, 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="${escaped(suite)}" tests="${cases.length}" failures="${count("failed")}" skipped="${count("skipped")}" time="${total / 1000}">`,
    ...cases.map(({ step, status, ms, detail, hint }) => {
      const open = `  <testcase classname="${escaped(suite)}" name="${escaped(step)}" time="${ms / 1000}"`;
      if (status === "failed") return `${open}><failure message="${escaped(detail ?? "")}">${escaped(hint ?? "")}</failure></testcase>`;
      return status === "skipped" ? `${open}><skipped/></testcase>` : `${open}/>`;
    }),
    "</testsuite>",
    "",
  ].join("\n");
}

interface Step {
  step: string;
  status: string;
  ms: number;
  detail?: string;
  hint?: string;
}

const isStep = (step: unknown): step is Step =>
  typeof step === "object" && step !== null && "step" in step && "status" in step && "ms" in step;

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

// XML 1.0 has no way at all to write most control characters.
const escaped = (text: string): string =>
  text
    .replace(/[&<>"]/gu, (character) => entities[character] ?? character)
    .replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/gu, "\u{fffd}");
