import { lstat, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { usageError } from '../failure/command-error.js'

/**
 * The sources that words of a command line mean: files as they are, patterns as the files that match them, and folders,
 * if they are wanted, as the files in them, however deep. Hidden files are left to those who name them. A pattern that
 * matches nothing stays as it is, as in shells, and is told as a file that is not there.
 *
 * @throws CommandError where nothing is left
 */
export async function expandSources(words: readonly string[], isRecursive: boolean): Promise<string[]> {
  const sources: string[] = []
  const found = new Set<string>()
  for (const word of words) {
    const files = await filesOf(word, isRecursive)
    if (!files) {
      sources.push(word)
      continue
    }
    for (const file of files.sort()) {
      if (found.has(file)) continue
      found.add(file)
      sources.push(file)
    }
  }
  if (sources.length > 0) return sources
  throw usageError(
    `There are no files in ${words.join(', ')}.`,
    'Name others; hidden files are not looked for.',
  )
}

/** The files that a word stands for where it is more than the name of one. */
async function filesOf(word: string, isRecursive: boolean): Promise<string[] | undefined> {
  if (isRecursive && (await isFolder(word))) return filesIn(word)
  if (!hasMagic(word) || (await exists(word))) return undefined
  const { glob, isDynamicPattern } = await import('tinyglobby')
  if (!isDynamicPattern(word)) return undefined
  const matches = await glob(word, {
    absolute: isAbsolute(word),
    onlyFiles: !isRecursive,
    expandDirectories: false,
  })
  if (matches.length === 0) return undefined
  if (!isRecursive) return matches
  const nested = await Promise.all(
    matches.map(async match => ((await isFolder(match)) ? filesIn(match) : [match])),
  )
  return nested.flat()
}

/** What makes a word a pattern. */
export function hasMagic(word: string): boolean {
  return /[*?[\]{}()!]/.test(word)
}

async function filesIn(folder: string): Promise<string[]> {
  const { glob } = await import('tinyglobby')
  const files = await glob('**', { cwd: folder, expandDirectories: false })
  return files.map(file => join(folder, file))
}

/** Whether there is a folder under this path, or a link to one. */
export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined
}
