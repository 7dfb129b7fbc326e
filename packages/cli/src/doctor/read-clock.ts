import type { IncomingMessage } from 'node:http'

/** What a server's clock shows, in milliseconds since 1970; undefined where it does not say. */
export async function readClock(server: string, signal: AbortSignal): Promise<number | undefined> {
  const time = Date.parse((await headOf(server, signal))?.headers.date ?? '')
  return Number.isNaN(time) ? undefined : time
}

async function headOf(server: string, signal: AbortSignal): Promise<IncomingMessage | undefined> {
  const socketPath = /^unix:(?:\/\/)?(\/.+)$/.exec(server)?.[1]
  const url = socketPath === undefined ? server : 'http://localhost/'
  // TLS takes a while to load, and this file is loaded with other commands.
  const { request } = url.startsWith('https:') ? await import('node:https') : await import('node:http')
  return new Promise(resolve => {
    const asked = request(url, { method: 'HEAD', agent: false, signal, ...(socketPath && { socketPath }) })
    asked.once('response', answer => {
      answer.resume()
      resolve(answer)
    })
    asked.once('error', () => resolve(undefined))
    asked.end()
  })
}
