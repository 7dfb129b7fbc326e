import { createReadStream } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startScript } from '../start-script.mjs'

/** tus-js-client to @tus/server, which keeps files; nothing is verified. */
export async function startTus(folder) {
  const { Upload } = await import('tus-js-client')
  const stored = join(folder, 'tus')
  await mkdir(stored)
  const { url, stop } = await startScript('servers/tus.mjs', stored)
  return {
    name: 'tus-js-client to @tus/server',
    stop,
    upload: file =>
      new Promise((onSuccess, onError) => {
        new Upload(createReadStream(file), { endpoint: url, onSuccess, onError }).start()
      }),
    forget: async () => {
      for (const name of await readdir(stored)) await rm(join(stored, name))
    },
  }
}
