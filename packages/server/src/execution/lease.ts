/** How long a lease lasts without a heartbeat; it is renewed three times as often. */
export const LEASE_MS = 15_000
