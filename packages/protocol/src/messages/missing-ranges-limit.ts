/** The most ranges that the document of a content or a stream carries. */
export const MISSING_RANGES_LIMIT = 1000
