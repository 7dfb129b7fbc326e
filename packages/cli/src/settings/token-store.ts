import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CommandError } from '../failure/command-error.js'
import { userFolders } from './folders.js'
import { ACCESS_ADVICE } from './settings-file.js'
import { storedTokenFile, tokenFileOf } from './token.js'

/** Keeps the token of a server in a file that only its user can read. @throws CommandError */
export async function storeToken(server: string, token: string): Promise<string> {
  const path = tokenFileOf(userFolders(), server)
  const { writeFile } = await import('atomically')
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(path, `${token}\n`, { mode: 0o600 })
  } catch (error) {
    const { message } = error as Error
    throw new CommandError(
      'token-unreadable',
      `The token cannot be kept in ${path}: ${message}.`,
      ACCESS_ADVICE,
      error,
    )
  }
  return path
}

/** Forgets the token of a server; answers whether there was one. */
export async function removeToken(server: string): Promise<boolean> {
  const path = storedTokenFile(userFolders(), server)
  if (path === undefined) return false
  await rm(path, { force: true })
  return true
}
