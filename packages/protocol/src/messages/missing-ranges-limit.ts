/** The most ranges that a content document carries. */
export const MISSING_RANGES_LIMIT = 1000
