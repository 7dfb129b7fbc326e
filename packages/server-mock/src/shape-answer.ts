import type { ServerResponse } from 'node:http'

/** What becomes of a chunk of an answer that begins at `offset`: the bytes to send, and what follows them. */
export type ShapeChunk = (chunk: Buffer, offset: number) => { send: Buffer; ending?: 'cut' | 'stall' }

/** Lets `shape` see and change every byte of an answer's body before it is sent. */
export function shapeAnswer(response: ServerResponse, shape: ShapeChunk): void {
  const write = response.write.bind(response)
  const end = response.end.bind(response)
  let offset = 0
  let isOver = false

  const pass = (chunk: unknown): Buffer | undefined => {
    if (chunk === undefined || chunk === null || typeof chunk === 'function') return undefined
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk as Uint8Array)
    const { send, ending } = shape(bytes, offset)
    offset += bytes.length
    if (!ending) return send
    isOver = true
    response.flushHeaders()
    if (ending === 'cut') write(send, () => response.destroy())
    else write(send)
    return undefined
  }
  response.write = ((chunk: unknown, ...rest: unknown[]) => {
    if (isOver) return true
    const send = pass(chunk)
    return send ? (write as (...args: unknown[]) => boolean)(send, ...rest) : true
  }) as typeof response.write
  response.end = ((chunk: unknown, ...rest: unknown[]) => {
    if (isOver) return response
    const send = pass(chunk)
    if (isOver) return response
    return (end as (...args: unknown[]) => ServerResponse)(...(send ? [send, ...rest] : [chunk, ...rest]))
  }) as typeof response.end
}
