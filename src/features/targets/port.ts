/** Who leans on a target. Connectors stand above targets, so the answer comes in from outside. */
export interface TargetUsers {
  /** Names of the connectors that use the target, in order. */
  of(target: string): Promise<readonly string[]>;
}
