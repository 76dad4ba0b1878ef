import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";

export type Row = Record<string, SQLOutputValue>;

/** One prepared statement. The text is always a constant of ours: what varies goes in as a value. */
export type Query = (sql: string, ...values: SQLInputValue[]) => Row[];

export function queryOf(db: DatabaseSync): Query {
  const statements = new Map<string, StatementSync>();
  return (sql, ...values) => {
    const known = statements.get(sql);
    const statement = known ?? db.prepare(sql);
    if (!known) statements.set(sql, statement);
    return statement.all(...values);
  };
}
