declare const contentId: unique symbol
declare const streamId: unique symbol

/** The name of a byte sequence, made from its bytes: 64 lower-case hex digits. */
export type ContentId = string & { readonly [contentId]: true }

/** The name a client gives a byte sequence whose bytes it does not know yet: `u-<uuid>`. */
export type StreamId = string & { readonly [streamId]: true }

/** `text` as a content id, or undefined when it is none. */
export function parseContentId(text: string): ContentId | undefined {
  return /^[0-9a-f]{64}$/.test(text) ? (text as ContentId) : undefined
}

/** `text` as a stream id, or undefined when it is none. */
export function parseStreamId(text: string): StreamId | undefined {
  return isUnshared(text) ? (text as StreamId) : undefined
}

/** Whether `text` is a random name, `u-<uuid>`: a version 4 UUID in lower case carries 122 random bits. */
export function isUnshared(text: string): boolean {
  return /^u-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(text)
}
