import { text } from 'node:stream/consumers'
import { Opcache } from '@opcache/sdk'
import { clientOf } from '../connection/connect.js'
import { usageError } from '../failure/command-error.js'
import { writeJson } from '../output/json-output.js'
import { remark } from '../output/remark.js'
import { ask } from '../process/ask.js'
import { interruptionSignal } from '../process/interruption.js'
import { type GlobalOptions, loadSettings } from '../settings/settings.js'
import { checkedToken } from '../settings/token.js'
import { removeToken, storeToken } from '../settings/token-store.js'

/** `opcache login`: keeps a token, once its server has taken it. */
export async function login(server: string | undefined, flags: GlobalOptions): Promise<void> {
  const address = serverOf(server, flags)
  const token = checkedToken((await readToken(address)).trim(), 'the input')
  const { user } = await callerOf(address, token)
  const path = await storeToken(address, token)
  if (flags.json) await writeJson(flags, 'result', { server: address, user, path })
  else await remark(`${address} took the token, as that of ${user}. It is kept in ${path}.`, flags)
}

/** `opcache logout`: forgets a token; one that is not there is fine. */
export async function logout(server: string | undefined, flags: GlobalOptions): Promise<void> {
  const address = serverOf(server, flags)
  const isRemoved = await removeToken(address)
  if (flags.json) await writeJson(flags, 'result', { server: address, isRemoved })
  else await remark(isRemoved ? `The token of ${address} is deleted.` : `There is none of ${address}.`, flags)
}

function serverOf(server: string | undefined, flags: GlobalOptions): string {
  const settings = server === undefined ? loadSettings(flags) : undefined
  const address = server ?? settings?.server
  if (address !== undefined) {
    // A wrong address is told before anybody types a token.
    clientOf({ server: address }, settings?.resolved.server).close()
    return address
  }
  throw usageError(
    'A token is that of a server, and none is set.',
    'Name it: `opcache login https://cache.example.org`.',
  )
}

/** Never from an argument, which others on the machine could read. */
async function readToken(address: string): Promise<string> {
  if (!process.stdin.isTTY) return text(process.stdin)
  return ask(`Token of ${address} (it is not shown):`, {
    isSecret: true,
    whenStopped: 'No token was stored.',
  })
}

async function callerOf(server: string, token: string): Promise<{ user: string }> {
  const cache = new Opcache({ server, token, reconnectTimeoutMs: 0 })
  try {
    return (await cache.capabilities({ signal: interruptionSignal() })).caller
  } finally {
    cache.close()
  }
}
