/** Bytes that are read from a source at a time. */
export const READ_BYTES = 512 * 1024
