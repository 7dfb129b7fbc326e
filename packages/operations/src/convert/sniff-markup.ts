import type { Found } from './families.js'

type Markup = Omit<Found, 'isText'>

/** Tells SVG, HTML and XML by their first element; null for other text. */
export function sniffMarkup(text: string): Markup | null {
  if (!/^\s*</.test(text)) return null
  const root = text.slice(skipProlog(text))
  if (/^<(?:[\w.-]+:)?svg[\s/>]/.test(root)) return { family: 'image', format: 'svg', label: 'an SVG image' }
  if (/^\s*<!doctype html/i.test(text) || /^<html[\s/>]/i.test(root)) {
    return { family: null, format: 'html', label: 'an HTML document (from=markdown reads it as plain text)' }
  }
  if (/^\s*<\?xml\s/.test(text)) {
    return { family: null, format: 'xml', label: 'an XML document (from=markdown reads it as plain text)' }
  }
  return null
}

/** Where the root element starts: after the XML declaration, processing instructions, comments and document type. */
function skipProlog(text: string): number {
  let at = 0
  for (;;) {
    while (/\s/.test(text.charAt(at))) at++
    let end: number
    if (text.startsWith('<?', at)) end = endAfter(text, '?>', at)
    else if (text.startsWith('<!--', at)) end = endAfter(text, '-->', at)
    else if (text.startsWith('<!', at)) end = endOfDoctype(text, at)
    else return at
    if (end === -1) return text.length
    at = end
  }
}

function endAfter(text: string, mark: string, at: number): number {
  const found = text.indexOf(mark, at)
  return found === -1 ? -1 : found + mark.length
}

/** A document type may hold declarations of its own, in brackets. */
function endOfDoctype(text: string, at: number): number {
  const close = text.indexOf('>', at)
  const open = text.indexOf('[', at)
  if (open === -1 || close < open) return close === -1 ? -1 : close + 1
  const end = text.indexOf(']', open)
  return end === -1 ? -1 : endAfter(text, '>', end)
}
