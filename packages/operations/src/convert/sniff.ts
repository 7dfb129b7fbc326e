import { fileTypeFromBuffer } from 'file-type'
import { type Found, readableDocuments, readableImages, readableMedia } from './families.js'
import { sniffMarkup } from './sniff-markup.js'
import { sniffText } from './sniff-text.js'
import type { SourceHead } from './source-head.js'

const pdf: Omit<Found, 'isText'> = { family: 'pdf', format: 'pdf', label: 'a PDF document' }

/** How far from its start a PDF document may have its signature (ISO 32000-1, Annex H, implementation note 13). */
const pdfSignatureBytes = 1024

/**
 * Tells from its first bytes what a source is; names and media types that somebody gave are not asked.
 *
 * Text is judged as text, whatever letters it starts with: a note whose first word is `BM` is not a bitmap.
 */
export async function sniff(head: SourceHead): Promise<Found> {
  if (head.text === null) return sniffBinary(head.bytes)
  if (head.text.startsWith('%PDF-')) return { ...pdf, isText: true }
  if (head.text.startsWith('{\\rtf')) return { ...office('rtf')!, isText: true }
  return { ...(sniffMarkup(head.text) ?? sniffText(head.text, head.isWhole)), isText: true }
}

async function sniffBinary(bytes: Buffer): Promise<Found> {
  if (isUtf16(bytes)) return unreadable('utf-16', 'UTF-16 text (save it as UTF-8 first)')
  // A TIFF image may have its directory at its end, out of sight; what looks like one is then taken for one.
  const type =
    (await fileTypeFromBuffer(bytes)) ?? (isTiff(bytes) ? { ext: 'tif', mime: 'image/tiff' } : undefined)
  if (type === undefined || type.ext === 'pdf') {
    const isPdf = bytes.subarray(0, pdfSignatureBytes).includes('%PDF-')
    if (isPdf) return { ...pdf, isText: false }
    return unreadable('unknown', 'a source of unknown type, neither a known file type nor UTF-8 text')
  }
  const name = readableImages.get(type.ext)
  if (name !== undefined) {
    return { family: 'image', format: type.ext, label: `${article(name)} ${name} image`, isText: false }
  }
  const known = office(type.ext) ?? media(type.ext)
  if (known) return { ...known, isText: false }
  const label = type.mime.startsWith('image/')
    ? `${article(type.ext)} ${type.ext.toUpperCase()} image`
    : `${article(type.ext)} ${type.ext.toUpperCase()} file (${type.mime})`
  return unreadable(type.ext, label)
}

function office(format: string): Omit<Found, 'isText'> | undefined {
  const name = readableDocuments.get(format)
  return name === undefined
    ? undefined
    : { family: 'office', format, label: `${article(name)} ${name} document` }
}

function media(format: string): Omit<Found, 'isText'> | undefined {
  const known = readableMedia.get(format)
  return known && { family: known.family, format, label: `${article(known.name)} ${known.name} file` }
}

function unreadable(format: string, label: string): Found {
  return { family: null, format, label, isText: false }
}

/** By its byte order mark, which file-type takes for sound. */
function isUtf16(bytes: Buffer): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
}

/** Its byte order and its number, 42, or 43 where offsets have 64 bits. */
function isTiff(bytes: Buffer): boolean {
  return /^(?:II[*+]\0|MM\0[*+])/.test(bytes.toString('latin1', 0, 4))
}

/** `an` before names that are spoken with a vowel: an AVIF image, an SVG image, an MP3 file. */
function article(name: string): 'a' | 'an' {
  return /^([aeio]|svg|[fhlmnrsx]\w?\d|xml|mp|rtf|heif$)/i.test(name) ? 'an' : 'a'
}
