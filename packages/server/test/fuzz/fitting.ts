import { type Descriptor, PATHS } from '@opcache/protocol'
import type { Content } from '../support/content.js'
import { blockDigests } from '../support/stream.js'

/** A request before it is written down. */
export interface Shape {
  /** What it is derived from: `PUT /v1/contents/:id`. */
  readonly route: string
  readonly path: string
  readonly headers: readonly (readonly string[])[]
  readonly body: Buffer
}

/** What requests can be about. */
export interface Subject {
  readonly content: Content
  readonly entry: { readonly key: string; readonly descriptor: Descriptor }
  readonly stream: string
  readonly operation: string
  readonly query: string
}

/**
 * One right request for each route, an open with its key, a manifest with its id, bytes with where they belong. Where the
 * entry is one of the content each finds what those before it made, so all of them are answered well.
 */
export function fittingShapes({ content, entry, stream, operation, query }: Subject): Shape[] {
  const { id, size, bytes, manifest, blocks } = content
  const { key, descriptor } = entry
  return [
    shape(`GET ${PATHS.health}`, PATHS.health),
    shape(`GET ${PATHS.ready}`, PATHS.ready),
    shape(`GET ${PATHS.openApi}`, PATHS.openApi),
    shape(`GET ${PATHS.metrics}`, PATHS.metrics),
    shape(`GET ${PATHS.capabilities}`, PATHS.capabilities),
    shape(`PUT ${PATHS.content(':id')}`, PATHS.content(id), Buffer.from(manifest), {
      'opcache-content-size': String(size),
    }),
    shape(`GET ${PATHS.content(':id')}`, PATHS.content(id)),
    shape(`PUT ${PATHS.blocks(':id', ':first')}`, PATHS.blocks(id, 0), bytes),
    shape(`GET ${PATHS.manifest(':id')}`, PATHS.manifest(id)),
    shape(`POST ${PATHS.entry(':key')}`, PATHS.entry(key), json({ descriptor }), JSON_BODY),
    shape(`GET ${PATHS.entry(':key')}`, PATHS.entry(key)),
    shape(`GET ${PATHS.result(':key')}`, PATHS.result(key)),
    shape(`GET ${PATHS.source(':key')}`, PATHS.source(key)),
    shape(`GET ${PATHS.entries}`, PATHS.entries),
    shape(`DELETE ${PATHS.entry(':key')}`, PATHS.entry(key)),
    shape(`PUT ${PATHS.blocks(':id', ':first')}`, PATHS.blocks(stream, 0), bytes, {
      'opcache-block-digests': blockDigests(content, 0, blocks),
    }),
    shape(`POST ${PATHS.seal(':id')}`, PATHS.seal(stream), json({ size, content: id }), JSON_BODY),
    shape(`POST ${PATHS.run(':operation')}`, PATHS.run(operation) + (query && `?${query}`), bytes, {
      prefer: 'wait=0',
    }),
  ]
}

const JSON_BODY = { 'content-type': 'application/json' }

function shape(
  route: string,
  path: string,
  body: Buffer = Buffer.alloc(0),
  headers: Record<string, string> = {},
): Shape {
  return { route, path, headers: Object.entries(headers), body }
}

export function json(document: unknown): Buffer {
  return Buffer.from(JSON.stringify(document))
}
