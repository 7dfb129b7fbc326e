import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startScript } from '../start-script.mjs'
import { uploadContent } from '../upload-content.mjs'

/** Hashing and uploading by the sdk; the server verifies every block. */
export async function startOpcache(folder) {
  const stored = join(folder, 'opcache')
  const { url, stop } = await startScript('servers/opcache.mjs', stored)
  return {
    name: 'opcache, hashed and verified',
    stop,
    upload: file => uploadContent(file, 'nothing', { server: url }),
    forget: async () => {
      const blobs = join(stored, 'blobs-v1')
      for (const name of await readdir(blobs)) await rm(join(blobs, name), { recursive: true })
    },
  }
}
