import { execFile } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { ConfigError } from './config-error.js'

/** A file that does not come to its end keeps a server from starting; it is told after so long. */
const IMPORT_MS = 30_000

/** The default export of a configuration file, or what it promises. @throws ConfigError that tells where it failed */
export async function importConfig(path: string, timeoutMs = IMPORT_MS): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, reject) => {
    const seconds = timeoutMs / 1000
    const told = `The configuration file ${path} was not loaded in ${seconds} s: does it await what never comes?`
    timer = setTimeout(() => reject(new ConfigError(told)), timeoutMs)
  })
  const tellOfExit = (status: number) => {
    // Whoever is told to end by a signal says so by that.
    if (status > 128) return
    process.stderr.write(`The configuration file ${path} ended the process: it calls process.exit().\n`)
    process.exitCode = 1
  }
  process.once('exit', tellOfExit)
  try {
    return await Promise.race([defaultExport(path), tooLong])
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const place = error instanceof SyntaxError ? await syntaxErrorPlace(path) : placeIn(path, error)
    throw new ConfigError(`The configuration file ${path} failed${place}: ${thrown(error)}`, { cause: error })
  } finally {
    process.off('exit', tellOfExit)
    clearTimeout(timer)
  }
}

async function defaultExport(path: string): Promise<unknown> {
  const module = (await import(pathToFileURL(path).href)) as { default?: unknown }
  return await module.default
}

/** `, line 3, column 5`, where the error tells. */
function placeIn(path: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const found = stack.split(/\n/).find(line => line.includes(path))
  const [, line, column] = /:(\d+)(?::(\d+))?\)?$/.exec(found ?? '') ?? []
  if (line === undefined) return ''
  return column === undefined ? ` in line ${line}` : ` in line ${line}, column ${column}`
}

/**
 * Where a syntax error is: Node tells only who starts the file, on stderr, as `file:///folder/name.mjs:3`. Nothing of
 * the file runs, since it cannot be read; the error may be in a file that it imports.
 */
async function syntaxErrorPlace(path: string): Promise<string> {
  const printed = await new Promise<string>(resolve =>
    execFile(process.execPath, [path], { timeout: IMPORT_MS }, (_error, _stdout, stderr) => resolve(stderr)),
  )
  const [, file, line] = /^(?:file:\/\/)?(\/.*):(\d+)$/m.exec(printed) ?? []
  if (file === undefined) return ''
  return file === path ? ` in line ${line}` : ` in ${file}, line ${line}`
}

function thrown(error: unknown): string {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  const advice =
    code === 'ERR_UNKNOWN_FILE_EXTENSION'
      ? ' Node reads TypeScript from 22.18 on; write it as .mjs, or use that.'
      : ''
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)) + advice
}
