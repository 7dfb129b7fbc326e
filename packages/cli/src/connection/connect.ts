import { Opcache } from '@opcache/sdk'
import type { Settings } from '../settings/settings.js'
import { tokenOf } from '../settings/token.js'

/** A client and the server that it talks to. */
export interface Session extends AsyncDisposable {
  readonly cache: Opcache
  /** Whether the server runs in this process, and stops with it. */
  readonly isEmbedded: boolean
  /** Asks whether the server is there, without patience: who has just typed an address wants to know that it is wrong. */
  readonly firstContact: (signal: AbortSignal) => ReturnType<Opcache['capabilities']>
}

/** A client of the configured server, or of one that is embedded for the time of the command. */
export async function connect(settings: Settings): Promise<Session> {
  const { server, reconnectTimeoutMs, limitRate } = settings
  if (server === undefined) return connectEmbedded(settings)
  const token = await tokenOf(settings.token)
  const cache = new Opcache({ server, token, reconnectTimeoutMs, limitRate })
  const impatient = new Opcache({ server, token, reconnectTimeoutMs: 0 })
  return {
    cache,
    isEmbedded: false,
    firstContact: signal => impatient.capabilities({ signal }),
    [Symbol.asyncDispose]: async () => {
      impatient.close()
      cache.close()
    },
  }
}

async function connectEmbedded({ cacheDir, reconnectTimeoutMs, limitRate }: Settings): Promise<Session> {
  const { startEmbedded } = await import('../embedded/start-embedded.js')
  const server = await startEmbedded(cacheDir)
  const cache = new Opcache({ server: server.url, reconnectTimeoutMs, limitRate })
  return {
    cache,
    isEmbedded: true,
    firstContact: signal => cache.capabilities({ signal }),
    [Symbol.asyncDispose]: async () => {
      cache.close()
      await server.close()
    },
  }
}
