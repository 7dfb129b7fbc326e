import { isServerUrlError, Opcache, type OpcacheOptions } from '@opcache/sdk'
import { startEmbedded } from '../embedded/start-embedded.js'
import { CommandError } from '../failure/command-error.js'
import { splitMessage } from '../failure/sentences.js'
import { remark } from '../output/remark.js'
import { originText, type Resolved } from '../settings/resolved.js'
import type { Settings } from '../settings/settings.js'
import { readToken, tokenOf } from '../settings/token.js'
import { rememberCapabilities } from './capabilities-memory.js'

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
  if (settings.isVerbose) await remark(placeText(settings))
  const { server } = settings
  if (server === undefined) return connectEmbedded(settings)
  const token = await tokenOf(settings.token)
  const cache = clientOf({ ...clientOptions(settings), server, token }, settings.resolved.server)
  return {
    cache,
    isEmbedded: false,
    firstContact: signal => contact(cache, server, signal),
    [Symbol.asyncDispose]: async () => cache.close(),
  }
}

async function connectEmbedded(settings: Settings): Promise<Session> {
  const { cacheDir, cacheMaxBytes, resolved } = settings
  // A file that was asked for has to be there, also where nobody needs it.
  const file = resolved['token-file']
  if (file?.origin.kind === 'flag') {
    await readToken({ kind: 'file', path: file.value, origin: originText(file.origin) })
  }
  const server = await startEmbedded(cacheDir, cacheMaxBytes)
  const cache = new Opcache({ ...clientOptions(settings), server: server.url })
  return {
    cache,
    isEmbedded: true,
    firstContact: signal => contact(cache, undefined, signal),
    [Symbol.asyncDispose]: async () => {
      cache.close()
      await server.close()
    },
  }
}

/** A client; of an address that is none, its failure tells where that was set. @throws CommandError */
export function clientOf(options: OpcacheOptions, set: Resolved<string> | undefined): Opcache {
  try {
    return new Opcache(options)
  } catch (error) {
    if (!isServerUrlError(error) || !set) throw error
    const { what, rest = '' } = splitMessage(error.message, [error.url])
    const message = `${what} It is set by ${originText(set.origin)}.`
    throw new CommandError(error.code, message, rest, error)
  }
}

/** What a client is told beside the server's address, whichever that is. */
function clientOptions({
  reconnectTimeoutMs,
  limitRate,
  connections,
  identityFolder,
}: Settings): Omit<OpcacheOptions, 'server'> {
  return {
    reconnectTimeoutMs,
    limitRate,
    identityFolder,
    concurrency: { min: 1, max: connections },
  }
}

async function contact(cache: Opcache, server: string | undefined, signal: AbortSignal) {
  const capabilities = await cache.capabilities({ signal, isPatient: false })
  await rememberCapabilities(server, capabilities)
  return capabilities
}

/** What `--verbose` tells before anything happens. */
function placeText({ server, cacheDir, resolved, token }: Settings): string {
  if (server === undefined) return `No server is set: using the cache in ${cacheDir}.`
  const from = resolved.server ? ` (${originText(resolved.server.origin)})` : ''
  return `Using the server ${server}${from}, ${token ? `with a token (${token.origin})` : 'without a token'}.`
}
