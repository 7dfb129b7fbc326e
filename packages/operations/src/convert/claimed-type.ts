import { OperationError } from '@opcache/server/operation'
import { type Found, readableDocuments, readableMedia } from './families.js'
import { textFamilies } from './sniff-text.js'

/** Words for the families of text. */
const textWords: ReadonlyMap<string, keyof typeof textFamilies> = new Map([
  ['csv', 'csv'],
  ['json', 'json'],
  ['markdown', 'markdown'],
  ['md', 'markdown'],
  ['text', 'markdown'],
  ['txt', 'markdown'],
])

/** Words for what has to be told from the bytes, and the format or family that must have been found. */
const binaryWords: ReadonlyMap<string, string> = new Map([
  ['pdf', 'pdf'],
  ['image', 'image'],
  ['png', 'png'],
  ['jpeg', 'jpg'],
  ['jpg', 'jpg'],
  ['webp', 'webp'],
  ['avif', 'avif'],
  ['tiff', 'tif'],
  ['tif', 'tif'],
  ['gif', 'gif'],
  ['svg', 'svg'],
  ...['office', 'sound', 'video', ...readableDocuments.keys(), ...readableMedia.keys()].map(
    word => [word, word] as const,
  ),
])

/**
 * What a source is read as, when somebody says what it is: `from` decides among kinds of text, and else has to agree
 * with the bytes.
 *
 * @throws OperationError when it does not agree, or is no known word.
 */
export function readAs(found: Found, from: string | undefined): Found {
  if (from === undefined) return found
  const word = from.toLowerCase()
  const text = textWords.get(word)
  if (text !== undefined) {
    if (found.isText) return { ...textFamilies[text], isText: true }
    throw new OperationError(`from=${from} says that the source is text, but its bytes are ${found.label}`)
  }
  const expected = binaryWords.get(word)
  if (expected === undefined) {
    throw new OperationError(
      `from=${JSON.stringify(from)} is not known: it is csv, json or markdown, or png, jpeg, webp, avif, tiff, gif, svg, image, pdf, office, sound or video, or a format of these`,
    )
  }
  if (expected === found.family || expected === found.format) return found
  if (expected === 'png' && found.format === 'apng') return found
  throw new OperationError(
    `from=${from} does not agree with the bytes of the source: they are ${found.label}`,
  )
}
