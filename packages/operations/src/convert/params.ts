import type { Static } from 'typebox'
import * as Type from 'typebox'
import { targetWords } from './targets.js'

/** The largest `width` and `height` that can be asked for, in pixels: the longest side of a WebP image. */
export const maxSidePixels = 16_383

/** The pages of a document, as far as that can be told before anybody knows how many it has. */
export const pageRanges = Type.String({
  pattern: '^\\s*([Aa][Ll][Ll]|\\d+\\s*(-\\s*(\\d+\\s*)?)?(,\\s*\\d+\\s*(-\\s*(\\d+\\s*)?)?)*)\\s*$',
  maxLength: 1_000,
  description: 'all, or pages and ranges such as 1-3,5',
})

/**
 * The parameters of `convert`. None has a default here, because a default depends on what the source is; which
 * parameters a conversion understands is in the table of conversions.
 */
export const convertParams = Type.Object(
  {
    to: Type.Optional(
      Type.Enum(targetWords, {
        description:
          'What the source becomes. Left out: webp for images, txt for PDF documents, pdf for office documents, mp3 for sound, mp4 for video, json for CSV, csv for JSON, html for Markdown.',
      }),
    ),
    from: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 32,
        description:
          'What the source is. Text is read as what this says (csv, json or markdown); for anything else it must agree with the bytes. Left out: told from the bytes.',
      }),
    ),
    quality: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        description: 'Quality of a jpeg, webp or avif result. Left out: 80 for jpeg and webp, 50 for avif.',
      }),
    ),
    width: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: maxSidePixels,
        description:
          'Width of the resulting image in pixels; the height follows. With height too, the image fits inside both.',
      }),
    ),
    height: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: maxSidePixels,
        description:
          'Height of the resulting image in pixels; the width follows. With width too, the image fits inside both.',
      }),
    ),
    page: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          'The one page of a PDF document to convert, the first is 1. Left out: page 1 for images, all pages for txt.',
      }),
    ),
    pages: Type.Optional(
      Type.Union([pageRanges, Type.Integer({ minimum: 1 })], {
        description:
          'The pages of a PDF document to convert, such as 1-3,5 or all. Images of pages come in a zip, also when it is one page.',
      }),
    ),
    dpi: Type.Optional(
      Type.Integer({
        minimum: 10,
        maximum: 600,
        description: 'Pixels per inch of the image of a PDF page. Left out: 150.',
      }),
    ),
    delimiter: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 3,
        description:
          'What separates the cells of CSV: a comma, a semicolon, a vertical bar or a tab, which may be written as the word tab. Left out: found out when reading, a comma when writing.',
      }),
    ),
  },
  { additionalProperties: false },
)

/** The parameters of `convert`, as a run gets them. */
export type ConvertParams = Static<typeof convertParams>
