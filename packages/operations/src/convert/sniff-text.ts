import { csvShape } from '../csv/csv-shape.js'
import type { Found } from './families.js'

type TextFamily = Omit<Found, 'isText'>

/** What the families of text are called. */
export const textFamilies: Readonly<Record<'csv' | 'json' | 'markdown', TextFamily>> = {
  csv: { family: 'csv', format: 'csv', label: 'a CSV table' },
  json: { family: 'json', format: 'json', label: 'JSON' },
  markdown: { family: 'markdown', format: 'markdown', label: 'a Markdown text' },
}

/**
 * Tells JSON, CSV and Markdown apart. JSON is an array or object that parses, or that starts like nothing else; CSV has
 * two rows or more of two cells or more; everything else is Markdown, which any text is.
 */
export function sniffText(text: string, isWhole: boolean): TextFamily {
  if (isJson(text, isWhole)) return textFamilies.json
  if (csvShape(text, isWhole) !== null) return textFamilies.csv
  return textFamilies.markdown
}

function isJson(text: string, isWhole: boolean): boolean {
  if (!/^\s*[[{]/.test(text)) return false
  // No Markdown starts so, therefore damaged JSON is told as that.
  if (/^\s*(?:\{\s*"(?:[^"\\\n]|\\.)*"\s*:|\[\s*\{\s*["}])/.test(text)) return true
  if (!isWhole)
    return /^\s*\[\s*(?:["\d[-]|true|false|null)/.test(text) && !/^\s*\[[^\]]*\]\s*[(:[]/.test(text)
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
