/** Names of the protocol's headers, in lower case. */
export const HEADERS = {
  protocol: 'opcache-protocol',
  contentSize: 'opcache-content-size',
  blockDigests: 'opcache-block-digests',
  content: 'opcache-content',
  space: 'opcache-space',
  key: 'opcache-key',
  served: 'opcache-served',
  salt: 'opcache-salt',
  attempt: 'opcache-attempt',
  entry: 'opcache-entry',
  outputFrom: 'opcache-output-from',
  outputRange: 'opcache-output-range',
  missingBlocks: 'opcache-missing-blocks',
  presentBlocks: 'opcache-present-blocks',
  duplex: 'opcache-duplex',
} as const

/** Media types of the protocol's documents. */
export const MEDIA_TYPES = {
  json: 'application/json',
  problem: 'application/problem+json',
  events: 'text/event-stream',
  bytes: 'application/octet-stream',
} as const
