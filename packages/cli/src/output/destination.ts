import { access, constants, mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { OutputError } from '@opcache/sdk'
import { usageError } from '../failure/command-error.js'
import { checkTemplate, isTemplate } from './output-template.js'

/** Where results go. */
export type Destination =
  | { readonly kind: 'stdout' }
  /** A regular file, which appears whole or not at all. */
  | { readonly kind: 'file'; readonly path: string }
  /** A device or pipe, which is written to as it is. */
  | { readonly kind: 'device'; readonly path: string }
  /** Into this folder, which is made where it is missing, under a name made from the source's and the result's. */
  | { readonly kind: 'folder'; readonly path: string }
  /** To a name made from this, in folders that are made where they are missing. */
  | { readonly kind: 'template'; readonly template: string }

/** What decides where results go. */
export interface DestinationRequest {
  /** `-o`, as it was typed. */
  readonly output: string | undefined
  /** How many results there will be. */
  readonly results: number
  /** Whether the results go to stdout when `-o` is not given. */
  readonly isPiped: boolean
  readonly isJson: boolean
  readonly force: boolean
}

/** Decides where results go, and that they can go there, before any work. @throws CommandError, OutputError */
export async function planDestination(request: DestinationRequest): Promise<Destination> {
  const destination = await locate(request)
  if (destination.kind === 'folder' && (await isThere(destination.path))) await assertFolder(destination.path)
  if (destination.kind === 'file') await assertReplaceable(destination.path, request.force)
  return destination
}

async function locate({ output, results, isPiped, isJson }: DestinationRequest): Promise<Destination> {
  if (output === '') throw usageError('-o names no file.', 'Give a file, a folder, or - for standard output.')
  if (output === undefined) return isPiped && !isJson ? { kind: 'stdout' } : { kind: 'folder', path: '.' }
  if (output === '-' && isJson) {
    throw usageError(
      '-o - and --json both want standard output.',
      'Name a file with -o, or leave --json out.',
    )
  }
  if (isTemplate(output)) {
    checkTemplate(output)
    return { kind: 'template', template: output }
  }
  if (output === '-' && results === 1) return { kind: 'stdout' }
  const kind = output === '-' ? 'stdout' : await kindOf(output)
  if (results > 1 && kind !== 'folder') {
    throw usageError(
      `With ${results} sources, -o must be a folder or a template, and "${output}" is neither.`,
      `Name a folder, such as \`-o ${output === '-' ? 'results' : output}/\`, or a template: \`-o 'results/{name}.{ext}'\`.`,
    )
  }
  return { kind, path: output }
}

async function kindOf(path: string): Promise<'folder' | 'file' | 'device'> {
  const stats = await stat(path).catch(() => undefined)
  if (stats?.isDirectory() || /[/\\]$/.test(path)) return 'folder'
  return !stats || stats.isFile() ? 'file' : 'device'
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}

/** Makes the folder that a file is to be in, and those above it. @throws OutputError */
export async function makeFolderOf(path: string): Promise<void> {
  await makeFolder(dirname(resolve(path))).catch(error => {
    throw notWritable(path, error)
  })
}

/** Node's own way would try for ever where a system refuses by saying that nothing is there, as /proc does. */
async function makeFolder(folder: string): Promise<void> {
  if (await isThere(folder)) return
  await makeFolder(dirname(folder))
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

async function assertFolder(path: string): Promise<void> {
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      throw new OutputError(
        'output-not-writable',
        `There is no folder ${path}. Create it, or name another with -o.`,
      )
    }
    throw notWritable(path, error)
  })
  if (!stats.isDirectory()) {
    throw new OutputError('output-not-writable', `${path} is not a folder. Name another place with -o.`)
  }
  await access(path, constants.W_OK | constants.X_OK).catch(error => {
    throw notWritable(path, error)
  })
}

/** @throws OutputError when a file cannot come to be at `path`, or is there and must not be replaced. */
export async function assertReplaceable(path: string, force: boolean): Promise<void> {
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw notWritable(path, error)
    return undefined
  })
  if (stats?.isDirectory())
    throw new OutputError('output-not-writable', `${path} is a folder. Name a file with -o.`)
  if (stats && !force) throw new OutputError('output-exists', `${path} exists.`)
  await assertFolder(dirname(resolve(path)))
}

function notWritable(path: string, error: NodeJS.ErrnoException): OutputError {
  return new OutputError(
    'output-not-writable',
    `Nothing can be written to ${path} (${error.code}). Name another place with -o.`,
    error,
  )
}
