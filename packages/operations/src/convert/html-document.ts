import { escapeHtml } from './html-text.js'

/** Scripts, frames and forms stay off, even if something slipped through. */
const contentSecurityPolicy = "default-src 'none'; img-src * data:; style-src 'unsafe-inline'"

const style = `body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.6 system-ui, sans-serif; color: #222; background: #fff }
h1, h2, h3 { line-height: 1.25 }
pre { overflow-x: auto; padding: 0.8rem; background: #f4f4f4 }
code { font-family: ui-monospace, monospace; font-size: 0.9em }
blockquote { margin-left: 0; padding-left: 1rem; border-left: 3px solid #ccc; color: #555 }
table { border-collapse: collapse }
th, td { padding: 0.3rem 0.7rem; border: 1px solid #ccc }
img { max-width: 100% }`

/** A complete HTML document around a body. */
export function htmlDocument(title: string, body: string): string {
  return `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
${style}
</style>
</head>
<body>
${body}</body>
</html>
`
}
