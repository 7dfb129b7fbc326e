/** Kinds of sources that are converted alike. */
export type FamilyName = 'image' | 'pdf' | 'csv' | 'json' | 'markdown'

/** What all sources of a family are called in messages. */
export const familyPlurals: Readonly<Record<FamilyName, string>> = {
  image: 'images',
  pdf: 'PDF documents',
  csv: 'CSV tables',
  json: 'JSON arrays',
  markdown: 'Markdown texts',
}

/** The image formats that can be read, under the names that file-type gives them. */
export const readableImages: ReadonlyMap<string, string> = new Map([
  ['png', 'PNG'],
  ['apng', 'PNG'],
  ['jpg', 'JPEG'],
  ['webp', 'WebP'],
  ['avif', 'AVIF'],
  ['tif', 'TIFF'],
  ['gif', 'GIF'],
  ['svg', 'SVG'],
])

/** What was found in the bytes of a source. */
export interface Found {
  /** Its family; null for what cannot be converted. */
  readonly family: FamilyName | null
  /** The format within the family, in lower case, e.g. `png`. */
  readonly format: string
  /** What it is called in messages, with its article where it has one: `a PNG image`. */
  readonly label: string
  /** Whether the bytes are text, which `from` may give another meaning. */
  readonly isText: boolean
}
