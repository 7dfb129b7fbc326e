import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Metrics } from './metrics.js'

/** Where metrics are given to whoever asks. */
export interface MetricsPlace {
  /** @default '127.0.0.1' */
  readonly host?: string
  readonly port: number
}

export interface MetricsListener {
  readonly url: string
  close(): void
}

/** Gives metrics at `/metrics` of an address of its own, without credentials. */
export async function listenForMetrics(
  metrics: Metrics,
  { host = '127.0.0.1', port }: MetricsPlace,
): Promise<MetricsListener> {
  const server = createServer(async (request, response) => {
    const isKnown = request.url === '/metrics' && request.method === 'GET'
    const text = isKnown ? await metrics.text() : ''
    response.writeHead(isKnown ? 200 : 404, { 'content-type': metrics.contentType }).end(text)
  })
  server.listen(port, host)
  await once(server, 'listening')
  const { port: taken } = server.address() as { port: number }
  return {
    url: `http://${host}:${taken}/metrics`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
