import type { FamilyName } from './families.js'

/**
 * The longest that a conversion may take, in milliseconds: what takes longer was made to. Where none stands, work grows
 * with the source, and the server's own limit holds.
 */
export const timeLimits: Readonly<Partial<Record<FamilyName, number>>> = {
  image: 10 * 60_000,
  office: 15 * 60_000,
  markdown: 10 * 60_000,
}
