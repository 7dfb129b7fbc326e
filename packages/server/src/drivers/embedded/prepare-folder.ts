import { constants } from 'node:fs'
import { access, mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Where things are in the folder of a store. Versions of formats are in the names. */
export interface StoreLayout {
  readonly records: string
  readonly blobs: string
  readonly scratch: string
}

/**
 * Makes the folder of a store ready, or says why it cannot be used.
 *
 * @throws Error with what is wrong, why, and what to do.
 */
export async function prepareFolder(folder: string): Promise<StoreLayout> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new Error(explain(folder, error as NodeJS.ErrnoException), { cause: error })
  }
  await refuseOtherFormats(folder)
  const layout = {
    records: join(folder, 'records-v1'),
    blobs: join(folder, 'blobs-v1'),
    scratch: join(folder, 'scratch'),
  }
  for (const path of Object.values(layout)) await mkdir(path, { recursive: true, mode: 0o700 })
  await refuseForeignRecords(join(layout.records, 'data.mdb'))
  return layout
}

function explain(folder: string, error: NodeJS.ErrnoException): string {
  const start = `The folder ${folder} cannot be used as a store:`
  switch (error.code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return `${start} it, or a part of its path, is a file. Give the path of a folder.`
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${start} it is not writable (${error.code}). Make it writable for this user, or give another folder.`
    default:
      return `${start} ${error.message}. Give another folder.`
  }
}

/** What a newer version has stored must not be read, nor written, by the rules of this one. */
async function refuseOtherFormats(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const version = /^(?:records|blobs)-v(.+)$/.exec(name)?.[1]
    if (version !== undefined && version !== '1') {
      throw new Error(
        `The folder ${folder} holds a store of format v${version} (${name}), and this version knows v1 only. ` +
          'Use the version that made it, or give another folder.',
      )
    }
  }
}

/** LMDB's first page: a header of 24 bytes, then this number. */
const LMDB_MAGIC = 0xbeefc0de

/** LMDB ends the whole process when it opens a file that is not its own, so the file is looked at before. */
async function refuseForeignRecords(path: string): Promise<void> {
  const file = await openIfThere(path)
  if (!file) return
  try {
    const head = Buffer.alloc(28)
    const { bytesRead } = await file.read(head, 0, head.length, 0)
    if (bytesRead === 0) return
    const magics = bytesRead < head.length ? [] : [head.readUInt32LE(24), head.readUInt32BE(24)]
    if (magics.includes(LMDB_MAGIC)) return
    throw new Error(
      `The file ${path} is not a store of records: it is damaged or something else. ` +
        'Remove the folder to start with an empty store, or give another folder.',
    )
  } finally {
    await file.close()
  }
}

async function openIfThere(path: string) {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
