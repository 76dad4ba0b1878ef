/** A gateway, as its clients see it. */
export interface Gateway {
  /**
   * The body that POST /<route> answers with. Every failure is a `UscError`: the gateway's own as it told it; `unavailable` where it was not reached
   * or did not answer whole; whatever is no gateway is said to be none. Never sends anything twice, and never follows a redirect.
   */
  post(request: GatewayRequest): Promise<unknown>;
}

export interface GatewayRequest {
  route: string;
  body: Readonly<Record<string, unknown>>;
  /** Of a write whose answer was lost nobody knows whether it took effect. */
  effect: "read" | "write";
  token?: string | undefined;
  /** Milliseconds until the answer must be whole. */
  withinMs: number;
}
