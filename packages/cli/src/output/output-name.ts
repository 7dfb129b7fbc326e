import { basename, extname, join } from 'node:path'

/** What the default name of an output is made of. */
export interface OutputNaming {
  /** Path of the source as it was typed, or `-`. */
  readonly source: string
  /** File name that came with the result. */
  readonly resultName: string
  readonly operation: string
  /** Folder that the output goes to. */
  readonly folder: string
}

/**
 * Where a result goes that nobody named: to the source's name with the extension of the result. A result without an
 * extension takes the operation's name as one; what came from stdin is named by the result alone.
 */
export function outputPath({ source, resultName, operation, folder }: OutputNaming): string {
  const named = resultBaseName(resultName)
  if (source === '-') return join(folder, named)
  const extension = extname(named)
  const stem = basename(source, extname(source))
  return join(folder, `${stem}${extension || `.${operation}`}`)
}

/** The name that came with a result, reduced to a base name: it must not choose a folder or hide itself. */
export function resultBaseName(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? ''
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
  const safe = base.replace(/[\u0000-\u001f\u007f-\u009f:]/g, '_').replace(/^\.+/, '')
  return safe === '' ? 'result' : safe
}

/** Where the usual extension is not the parameter's value. */
const EXTENSIONS: Readonly<Record<string, string>> = { jpeg: 'jpg', text: 'txt', htm: 'html', tif: 'tiff' }

/**
 * The extension that a result will have as far as can be told from the parameters, without a dot: `to` names it. Several
 * `pages` may come as an archive, so nothing is foretold then.
 */
export function expectedExtension(params: Readonly<Record<string, unknown>>): string | undefined {
  const { to, pages } = params
  if (typeof to !== 'string' || pages !== undefined || !/^[a-z0-9]{1,16}$/i.test(to)) return undefined
  const lower = to.toLowerCase()
  return EXTENSIONS[lower] ?? lower
}
