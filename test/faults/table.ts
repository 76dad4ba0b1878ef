/** One row per command, one column per fault: the exits of once, a slash, the exits of for ever. */
export function printed(table: ReadonlyMap<string, ReadonlyMap<string, readonly [ReadonlySet<number>, ReadonlySet<number>]>>): string {
  const columns = [...new Set([...table.values()].flatMap((row) => [...row.keys()]))];
  const cell = (exits: ReadonlySet<number>): string => [...exits].sort((a, b) => a - b).join("");
  const rows = [...table].map(([label, row]) => [
    label,
    ...columns.map((column) => (row.get(column) ?? [new Set(), new Set()]).map(cell).join("/")),
  ]);
  const all = [["exit of once/for ever", ...columns], ...rows];
  const widths = all[0]?.map((_, index) => Math.max(...all.map((line) => line[index]?.length ?? 0))) ?? [];
  return all.map((line) => line.map((text, index) => text.padEnd(widths[index] ?? 0)).join("  ")).join("\n");
}
