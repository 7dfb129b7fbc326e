import { usageError } from '../failure/command-error.js'

/** The options that decide under which key a result is found. */
export interface EntryFlags {
  readonly op: string
  readonly param?: readonly string[]
  readonly salt?: string
  readonly private?: boolean
  readonly resource?: string
}

/** @throws CommandError where no operation is named */
export function assertOperation({ op }: { readonly op?: string }): void {
  if (op) return
  throw usageError(
    'No operation is named.',
    'Name one with --op, such as --op convert; `opcache ops` shows what there is.',
  )
}

/** `name@version`; the name may have an `@` itself. @throws CommandError */
export function parseResource(text: string | undefined): { name: string; version: string } | undefined {
  if (text === undefined) return undefined
  const at = text.lastIndexOf('@')
  if (at > 0 && at < text.length - 1) return { name: text.slice(0, at), version: text.slice(at + 1) }
  throw usageError(`--resource is name@version, not "${text}".`, 'Give one like `--resource document-42@7`.')
}
