import { rm } from 'node:fs/promises'
import type { Sandbox } from './sandbox.js'

/** Offers an operation `held`, by a configuration file in the working folder: it gives its source back once it is let go. */
export async function offerHeld(sandbox: Sandbox): Promise<{ letGo(): Promise<void> }> {
  const hold = sandbox.path(await sandbox.write('hold', ''))
  const held = {
    name: 'held',
    version: '1',
    summary: 'Ends once its file is gone',
    params: { type: 'object' },
    command: ['sh', '-c', 'while [ -e "$1" ]; do sleep 0.01; done; cat', 'sh', hold],
    streaming: false,
    output: { type: 'application/octet-stream' },
  }
  await sandbox.write('opcache.config.mjs', `export default ${JSON.stringify({ operations: [held] })}`)
  return { letGo: () => rm(hold) }
}
