import { describe, expect, test } from 'vitest'
import { convertBytes } from './converting.js'
import { failureOf } from './failing.js'

const bodyOf = async (markdown: string) =>
  /<body>\n([\s\S]*)<\/body>/.exec((await convertBytes(markdown, { from: 'markdown' })).text)![1]!

test('Markdown becomes a complete HTML document', async () => {
  const { text, type, name } = await convertBytes('# Ännu & *en* rubrik\n\nText.\n')
  expect({ type, name }).toEqual({ type: 'text/html; charset=utf-8', name: 'result.html' })
  expect(text).toMatch(/^<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">/)
  expect(text).toContain('<title>Ännu &amp; en rubrik</title>')
  expect(text).toContain('<h1 id="ännu--en-rubrik">Ännu &amp; <em>en</em> rubrik</h1>\n<p>Text.</p>')
  expect(text).toMatch(/<\/html>\n$/)
})

test('tables, lists, code, images and links are what they should be', async () => {
  expect(await bodyOf('| a | b |\n|---|--:|\n| 1 | 2 |')).toMatch(/<table>[\s\S]*<td align="right">2<\/td>/)
  expect(await bodyOf('- [x] done\n- [ ] open')).toMatch(
    /<input checked="" disabled="" type="checkbox"> done/,
  )
  expect(await bodyOf('```js\na < b && c\n```')).toContain('<code class="language-js">a &lt; b &amp;&amp; c')
  expect(await bodyOf('![dots](dots.png "so")')).toContain('<img src="dots.png" alt="dots" title="so">')
  expect(await bodyOf('[x](https://e.org/?a=1&amp;b=2)')).toContain(
    '<a href="https://e.org/?a=1&amp;b=2" rel="noopener noreferrer">x</a>',
  )
  expect(await bodyOf('# One\n\n# One\n\n[up](#one-1)')).toMatch(
    /id="one">[\s\S]*id="one-1">[\s\S]*href="#one-1"/,
  )
  expect(await bodyOf('mail <a@b.org>')).toContain('href="mailto:a@b.org"')
})

describe('nothing in the document can do more than be read', () => {
  test.each([
    '<script>alert(1)</script>',
    'a <img src=x onerror=alert(1)> b',
    '<div onclick="alert(1)">\n\ntext\n\n</div>',
    '<a href="javascript:alert(1)">x</a>',
    '<iframe src="https://e.org"></iframe>',
    '<!-- --><script>alert(1)</script><!-- -->',
    '<style>@import "x"</style>',
    '![x"onerror="alert(1)](x.png)',
    '[x](y "a\\" onclick=\\"alert(1)")',
    '```"><script>alert(1)</script>\nx\n```',
    '# <script>alert(1)</script>',
    '| <script>alert(1)</script> |\n|---|\n| <b onclick=x> |',
    '<https://e.org/"onclick="alert(1)>',
  ])('%j', async markdown => {
    const body = await bodyOf(markdown)
    expect(body).not.toMatch(
      /<(?:script|iframe|div|style)|<[^>]*"\s*on\w+=|<[^>"]*\son\w+=|javascript:[^<]*"/i,
    )
  })

  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'javascript&#58;alert(1)',
    'javascript&colon;alert(1)',
    'java&#10;script:alert(1)',
    'java&Tab;script:alert(1)',
    '&#1;javascript:alert(1)',
    '&#x6A;avascript:alert(1)',
    '<javascript:alert(1)>',
    '<  javascript:alert(1)>',
    'vbscript:x',
    'data:text/html,<script>',
    'file:///etc/passwd',
  ])('a link to %s becomes its text', async href => {
    const body = await bodyOf(`[text](${href}) and ![picture](${href})`)
    expect(body).not.toMatch(/href=|src=/)
    expect(body).toContain('text')
  })

  test('raw HTML is shown as text, comments are left out', async () => {
    expect(await bodyOf('a <b>bold</b>')).toBe('<p>a &lt;b&gt;bold&lt;/b&gt;</p>\n')
    expect(await bodyOf('<div>x</div>')).toBe('<pre class="html">&lt;div&gt;x&lt;/div&gt;</pre>\n')
    expect(await bodyOf('<!-- note -->\n\ntext <!-- here --> too')).toBe('<p>text  too</p>\n')
  })

  test('scripts are forbidden besides', async () => {
    expect((await convertBytes('x')).text).toContain(`Content-Security-Policy" content="default-src 'none'`)
  })
})

test('fails, in words, for other targets and parameters', async () => {
  expect(await failureOf('# Words', { to: 'md' })).toBe(
    'cannot convert a Markdown text to md: Markdown texts become html; if the source is another kind of text, say which with from',
  )
  expect(await failureOf('# Words', { quality: 5 })).toBe(
    'quality means nothing when a Markdown text becomes html: understood are to and from',
  )
})

test('deep nesting is converted or fails in words', async () => {
  const outcome = await convertBytes('>'.repeat(50_000), { from: 'markdown' }).catch(
    (error: unknown) => error,
  )
  if (outcome instanceof Error) expect(outcome).toMatchObject({ name: 'OperationError' })
})
