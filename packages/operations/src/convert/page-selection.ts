import { OperationError } from '@opcache/server/operation'
import { checkPage, parsePageRanges } from './page-ranges.js'
import type { ConvertParams } from './params.js'

/** Which pages are wanted: one, or several that come together. */
export type PageSelection = { readonly page: number } | { readonly pages: readonly number[] }

/**
 * The pages that `page` or `pages` ask for; null where neither is given.
 *
 * @throws OperationError when both are given, or a page is not there.
 */
export function selectPages({ page, pages }: ConvertParams, count: number): PageSelection | null {
  if (page !== undefined && pages !== undefined) {
    throw new OperationError('page and pages were both given: use page for one page, or pages for several')
  }
  if (page !== undefined) return { page: checkPage(page, count) }
  if (pages !== undefined) return { pages: parsePageRanges(String(pages), count) }
  return null
}
