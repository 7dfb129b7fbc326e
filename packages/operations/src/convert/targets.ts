/** What a source can become. */
export type TargetName = ImageTargetName | MediaTargetName | 'pdf' | 'txt' | 'html' | 'csv' | 'json'

/** The targets that are images. */
export type ImageTargetName = 'png' | 'jpeg' | 'webp' | 'avif' | 'tiff'

/** The targets that are sound or video. */
export type MediaTargetName = 'mp3' | 'wav' | 'flac' | 'ogg' | 'mp4' | 'webm'

/** What is to be said of a result. */
export interface Target {
  /** Media type. */
  readonly type: string
  /** Extension of its file name, without a dot. */
  readonly extension: string
}

/** Media type and extension of every target. */
export const targets: Readonly<Record<TargetName, Target>> = {
  png: { type: 'image/png', extension: 'png' },
  jpeg: { type: 'image/jpeg', extension: 'jpg' },
  webp: { type: 'image/webp', extension: 'webp' },
  avif: { type: 'image/avif', extension: 'avif' },
  tiff: { type: 'image/tiff', extension: 'tiff' },
  pdf: { type: 'application/pdf', extension: 'pdf' },
  mp3: { type: 'audio/mpeg', extension: 'mp3' },
  wav: { type: 'audio/wav', extension: 'wav' },
  flac: { type: 'audio/flac', extension: 'flac' },
  ogg: { type: 'audio/ogg', extension: 'ogg' },
  mp4: { type: 'video/mp4', extension: 'mp4' },
  webm: { type: 'video/webm', extension: 'webm' },
  txt: { type: 'text/plain; charset=utf-8', extension: 'txt' },
  html: { type: 'text/html; charset=utf-8', extension: 'html' },
  csv: { type: 'text/csv; charset=utf-8', extension: 'csv' },
  json: { type: 'application/json', extension: 'json' },
}

/** Other words that people use for a target. */
const aliases: ReadonlyMap<string, TargetName> = new Map([
  ['jpg', 'jpeg'],
  ['text', 'txt'],
  ['htm', 'html'],
  ['tif', 'tiff'],
])

/** All words for a target. */
export const targetWords: readonly string[] = [...Object.keys(targets), ...aliases.keys()]

/** The target that a word means, in any case; the word itself, in lower case, where there is no such target. */
export function targetFromWord(word: string): string {
  const lower = word.toLowerCase()
  return aliases.get(lower) ?? lower
}
