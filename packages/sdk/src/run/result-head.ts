import type { IncomingHttpHeaders } from 'node:http'
import type { ResultDocument } from '@opcache/protocol'

/** What the head of an answer tells of the result in its body; undefined where it does not say enough. */
export function readResultHead(headers: IncomingHttpHeaders): ResultDocument | undefined {
  const id = /^"([0-9a-f]{64})"$/.exec(headers.etag ?? '')?.[1]
  const size = Number(headers['content-length'] ?? Number.NaN)
  if (id === undefined || !Number.isSafeInteger(size)) return undefined
  return {
    id,
    size,
    type: headers['content-type'] ?? 'application/octet-stream',
    name: fileName(headers['content-disposition'] ?? '') ?? 'result',
  }
}

/** The file name of a `Content-Disposition` (RFC 6266): the extended form, where there is one, is the exact one. */
function fileName(disposition: string): string | undefined {
  const extended = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1]
  if (extended !== undefined) return decodeURIComponent(extended.trim())
  const quoted = /filename="((?:[^"\\]|\\.)*)"/i.exec(disposition)?.[1]
  if (quoted !== undefined) return quoted.replaceAll(/\\(.)/g, '$1')
  return /filename=([^;\s]+)/i.exec(disposition)?.[1]
}
