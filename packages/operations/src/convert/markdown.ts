import { OperationError } from '@opcache/server/operation'
import { Marked, type MarkedExtension, type Tokens } from 'marked'
import { htmlDocument } from './html-document.js'
import { decodeReferences, escapeHtml } from './html-text.js'
import type { Converter } from './job.js'
import { isSafeImage, isSafeLink } from './link-safety.js'
import { outcomeOf } from './outcome.js'
import { readText } from './read-source.js'
import { writeAll } from './write-all.js'

/** The largest Markdown source that is read. */
const maxMarkdownBytes = 16 * 2 ** 20

/**
 * Markdown (GitHub flavoured) to a complete HTML document. It is safe to serve: HTML inside the Markdown appears as
 * the text it is, comments are left out, links lead to http, https, mailto and tel only, and there is no script.
 */
export const convertMarkdown: Converter = async ({ context }) => {
  const { input, output, signal } = context
  const source = await readText(input, maxMarkdownBytes, 'Markdown')
  await writeAll(output, [toHtml(source)], signal)
  return outcomeOf('html')
}

function toHtml(source: string): string {
  const marked = new Marked({ gfm: true, async: false }, safeRendering())
  try {
    const tokens = marked.lexer(source)
    const heading = tokens.find((token): token is Tokens.Heading => token.type === 'heading')
    const title = heading === undefined ? 'Document' : decodeReferences(heading.text.replace(/[*_`]/g, ''))
    return htmlDocument(title, marked.parser(tokens))
  } catch (error) {
    if (!(error instanceof Error)) throw error
    // Nothing but the text itself decides this; what is known to fail is nesting that has no end.
    throw new OperationError(
      'the Markdown could not be converted: its lists or quotations are nested too deeply',
      {
        cause: error,
      },
    )
  }
}

/** Renders what could do harm, or lead there, as plain text; the rest stays as marked renders it. */
function safeRendering(): MarkedExtension {
  const anchors = new Map<string, number>()
  return {
    renderer: {
      html({ text, block }) {
        if (isComment(text.trim())) return ''
        return block ? `<pre class="html">${escapeHtml(text.trimEnd())}</pre>\n` : escapeHtml(text)
      },
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${escapeHtml(anchorOf(text, anchors))}">${this.parser.parseInline(tokens)}</h${depth}>\n`
      },
      link({ href, title, tokens }) {
        const text = this.parser.parseInline(tokens)
        const target = decodeReferences(href)
        if (!isSafeLink(target)) return text
        return `<a href="${escapeHtml(target)}"${titleOf(title)} rel="noopener noreferrer">${text}</a>`
      },
      image({ href, title, text }) {
        const source = decodeReferences(href)
        if (!isSafeImage(source)) return escapeHtml(text)
        return `<img src="${escapeHtml(source)}" alt="${escapeHtml(decodeReferences(text))}"${titleOf(title)}>`
      },
    },
  }
}

/** Whether HTML is one comment and nothing else. */
function isComment(html: string): boolean {
  return html.startsWith('<!--') && html.indexOf('-->') === html.length - 3
}

function titleOf(title: string | null | undefined): string {
  return title ? ` title="${escapeHtml(decodeReferences(title))}"` : ''
}

/** The name of a heading for links inside the document, made as the well-known code hosts make it. */
function anchorOf(text: string, taken: Map<string, number>): string {
  const name = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
  const count = taken.get(name) ?? 0
  taken.set(name, count + 1)
  return count === 0 ? name : `${name}-${count}`
}
