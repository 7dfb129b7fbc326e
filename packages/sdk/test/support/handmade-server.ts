import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { HEADERS } from '@opcache/protocol'
import { onTestFinished } from 'vitest'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A server made by hand that says it speaks the protocol; the handler does the rest. */
export async function handmadeServer(
  handler: Handler,
  checkContinue: Handler = handler,
): Promise<{ url: string; server: Server }> {
  const speaking = (next: Handler) => (request: IncomingMessage, response: ServerResponse) => {
    response.setHeader(HEADERS.protocol, '1')
    next(request, response)
  }
  const server = createServer(speaking(handler))
  server.on('checkContinue', speaking(checkContinue))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  const { port } = server.address() as { port: number }
  return { url: `http://127.0.0.1:${port}`, server }
}

/** Bytes of a request's body. */
export async function bodyBytes(request: IncomingMessage): Promise<number> {
  let bytes = 0
  for await (const chunk of request) bytes += (chunk as Buffer).length
  return bytes
}
