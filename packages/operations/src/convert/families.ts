/** Kinds of sources that are converted alike. */
export type FamilyName = 'image' | 'pdf' | 'office' | 'sound' | 'video' | 'csv' | 'json' | 'markdown'

/** What all sources of a family are called in messages. */
export const familyPlurals: Readonly<Record<FamilyName, string>> = {
  image: 'images',
  pdf: 'PDF documents',
  office: 'office documents',
  sound: 'sound files',
  video: 'video files',
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

/** The office documents that can be read, under the names that file-type gives them; `cfb` is that of older formats. */
export const readableDocuments: ReadonlyMap<string, string> = new Map([
  ['docx', 'DOCX'],
  ['xlsx', 'XLSX'],
  ['pptx', 'PPTX'],
  ['odt', 'ODT'],
  ['ods', 'ODS'],
  ['odp', 'ODP'],
  ['rtf', 'RTF'],
  ['cfb', 'DOC, XLS or PPT'],
])

/** The sound and video files that can be read, likewise. */
export const readableMedia: ReadonlyMap<string, { family: 'sound' | 'video'; name: string }> = new Map<
  string,
  { family: 'sound' | 'video'; name: string }
>([
  ...['mp3', 'wav', 'flac', 'ogg', 'opus', 'm4a', 'aac', 'amr', 'aif'].map(
    format => [format, { family: 'sound', name: format.toUpperCase() }] as const,
  ),
  ...['mp4', 'm4v', 'mov', 'mkv', 'webm', 'avi', 'mpg', 'mts', 'flv', 'asf', '3gp', 'ogv'].map(
    format => [format, { family: 'video', name: format.toUpperCase() }] as const,
  ),
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
