import { OperationError } from '@opcache/server/operation'

/**
 * The pages that a text such as `1-3,5`, `7-` (to the end) or `all` means, ascending, each once.
 *
 * @param count How many pages there are, 1 or more.
 * @throws OperationError for a text that is none of these, and for a page that is not there.
 */
export function parsePageRanges(text: string, count: number): number[] {
  if (text.trim().toLowerCase() === 'all') return range(1, count)
  const pages = new Set<number>()
  for (const part of text.split(',')) {
    const match = /^\s*(\d+)\s*(?:(-)\s*(\d+)?\s*)?$/.exec(part)
    if (match === null) {
      throw new OperationError(
        `pages=${JSON.stringify(text)} is not understood: it is all, or pages and ranges such as 1-3,5`,
      )
    }
    const first = checkPage(Number(match[1]), count)
    const last = match[2] === undefined ? first : match[3] === undefined ? count : Number(match[3])
    if (last < first) {
      throw new OperationError(
        `pages=${JSON.stringify(text)} has a range that runs backwards: ${first}-${last}`,
      )
    }
    for (const page of range(first, checkPage(last, count))) pages.add(page)
  }
  return [...pages].sort((a, b) => a - b)
}

/**
 * A page, if it is there.
 *
 * @throws OperationError that tells which pages there are.
 */
export function checkPage(page: number, count: number): number {
  if (page >= 1 && page <= count) return page
  const pages = count === 1 ? 'one page' : `${count} pages`
  throw new OperationError(`page ${page} does not exist: the PDF document has ${pages}, the first is page 1`)
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, offset) => first + offset)
}
