import { type FamilyName, familyPlurals } from './families.js'
import type { Converter } from './job.js'
import type { ConvertParams } from './params.js'
import type { ImageTargetName, MediaTargetName, TargetName } from './targets.js'
import { joined } from './wording.js'

/** A parameter that only some conversions understand. */
export type SpecificParam = Exclude<keyof ConvertParams, 'to' | 'from'>

/** One row of the table of conversions. */
export interface Conversion {
  readonly family: FamilyName
  readonly to: TargetName
  /** The parameters it understands beside `to` and `from`. */
  readonly params: readonly SpecificParam[]
  /** Loads what does it, and the libraries for that. */
  load(): Promise<Converter>
}

/** The targets that lose something, by as much as `quality` says. */
const lossy: ReadonlySet<TargetName> = new Set(['jpeg', 'webp', 'avif'])

function imageTo(to: ImageTargetName): Conversion {
  const load = async () => (await import('./images.js')).convertImage
  return {
    family: 'image',
    to,
    params: [...(lossy.has(to) ? (['quality'] as const) : []), 'width', 'height'],
    load,
  }
}

function pdfPagesTo(to: ImageTargetName): Conversion {
  const load = async () => (await import('./pdf-pages.js')).convertPdfToImages
  const quality = lossy.has(to) ? (['quality'] as const) : []
  return { family: 'pdf', to, params: ['page', 'pages', 'dpi', ...quality], load }
}

function mediaTo(family: 'sound' | 'video', to: MediaTargetName): Conversion {
  return { family, to, params: [], load: async () => (await import('./media.js')).convertMedia }
}

/** What becomes what. The first row of a family is what it becomes when nobody says. */
export const conversions: readonly Conversion[] = [
  imageTo('webp'),
  imageTo('png'),
  imageTo('jpeg'),
  imageTo('avif'),
  imageTo('tiff'),
  {
    family: 'pdf',
    to: 'txt',
    params: ['page', 'pages'],
    load: async () => (await import('./pdf-text.js')).convertPdfToText,
  },
  pdfPagesTo('png'),
  pdfPagesTo('jpeg'),
  pdfPagesTo('webp'),
  pdfPagesTo('avif'),
  pdfPagesTo('tiff'),
  {
    family: 'office',
    to: 'pdf',
    params: [],
    load: async () => (await import('./office.js')).convertOffice,
  },
  mediaTo('sound', 'mp3'),
  mediaTo('sound', 'wav'),
  mediaTo('sound', 'flac'),
  mediaTo('sound', 'ogg'),
  mediaTo('video', 'mp4'),
  mediaTo('video', 'webm'),
  mediaTo('video', 'mp3'),
  mediaTo('video', 'wav'),
  {
    family: 'csv',
    to: 'json',
    params: ['delimiter'],
    load: async () => (await import('./csv-to-json.js')).convertCsvToJson,
  },
  {
    family: 'json',
    to: 'csv',
    params: ['delimiter'],
    load: async () => (await import('./json-to-csv.js')).convertJsonToCsv,
  },
  {
    family: 'markdown',
    to: 'html',
    params: [],
    load: async () => (await import('./markdown.js')).convertMarkdown,
  },
]

/** The conversions of a family, its default first. */
export function conversionsOf(family: FamilyName): readonly Conversion[] {
  return conversions.filter(conversion => conversion.family === family)
}

/** What a family becomes, for messages: `images become webp, png, jpeg, avif or tiff`. */
export function whatBecomesOf(family: FamilyName): string {
  const names = conversionsOf(family).map(conversion => conversion.to)
  return `${familyPlurals[family]} become ${joined(names, 'or')}`
}
