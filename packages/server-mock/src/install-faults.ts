import { pipeline, Transform } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { HEADERS, MEDIA_TYPES, ProtocolError } from '@opcache/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FaultAction } from './fault.js'
import type { FaultScript } from './fault-script.js'
import type { RecordedRequest, Recorder } from './recorder.js'
import { requestKind } from './request-kind.js'
import { type ShapeChunk, shapeAnswer } from './shape-answer.js'

interface Meeting {
  readonly record: RecordedRequest
  readonly actions: readonly FaultAction[]
}

/** Records every request, and lets the scripted faults happen to it. */
export function installFaults(app: FastifyInstance, script: FaultScript, recorder: Recorder): void {
  const meetings = new WeakMap<object, Meeting>()

  app.addHook('onRequest', async (request, reply) => {
    const { method, url, headers } = request.raw
    const kind = requestKind(method ?? '', url ?? '', headers.accept)
    const record: RecordedRequest = {
      kind,
      method: method ?? '',
      url: url ?? '',
      headers,
      bodyBytes: 0,
      answerBytes: 0,
      status: 0,
    }
    recorder.record(record)
    const actions = script.meet(kind)
    meetings.set(request.raw, { record, actions })
    reply.raw.once('close', () => {
      record.status = reply.raw.headersSent ? reply.raw.statusCode : 0
    })
    shapeAnswer(reply.raw, answerShape(actions, record))
    for (const action of actions) await happen(action, request, reply)
  })

  app.addHook('preParsing', async (request, _reply, payload) => {
    const meeting = meetings.get(request.raw)
    if (!meeting) return payload
    const counter = bodyCounter(meeting, () => request.raw.socket.destroy())
    // An error of one side reaches whoever reads the body.
    pipeline(payload, counter, () => undefined)
    return counter
  })
}

/** What happens before a request is handled. */
async function happen(action: FaultAction, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (action.kind === 'delay') await sleep(action.ms)
  if (action.kind === 'drop' && !action.afterBytes) {
    reply.hijack()
    request.raw.socket.destroy()
  }
  if (action.kind === 'stall' && !action.afterBytes) reply.hijack()
  if (action.kind === 'act' && !action.afterBytes) action.act()
  if (action.kind === 'status') {
    const problem = new ProtocolError(action.code, 'Scripted.').toProblem()
    if (action.retryAfterSeconds !== undefined) reply.header('retry-after', action.retryAfterSeconds)
    reply.header(HEADERS.protocol, '1')
    await reply.code(problem.status).type(MEDIA_TYPES.problem).send(JSON.stringify(problem))
  }
}

function bodyCounter({ record, actions }: Meeting, cut: () => void): Transform {
  const drop = actions.find(action => action.kind === 'drop')
  const cutAt = drop?.afterBytes
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const before = record.bodyBytes
      record.bodyBytes += chunk.length
      actOnce(actions, before, record.bodyBytes)
      if (cutAt === undefined || record.bodyBytes < cutAt) {
        done(null, chunk)
        return
      }
      // What came before the cut is handled; what came after it was never there.
      this.push(chunk.subarray(0, chunk.length - (record.bodyBytes - cutAt)))
      record.bodyBytes = cutAt
      cut()
    },
  })
}

function answerShape(actions: readonly FaultAction[], record: RecordedRequest): ShapeChunk {
  return (chunk, offset) => {
    let send = chunk
    if (record.method === 'GET') actOnce(actions, offset, offset + chunk.length)
    for (const action of actions) {
      if (action.kind === 'corrupt') send = altered(send, (action.atByte ?? 0) - offset)
      if (action.kind === 'drop-answer' || action.kind === 'stall') {
        const limit = action.afterBytes ?? 0
        if (offset + chunk.length <= limit) continue
        send = send.subarray(0, limit - offset)
        record.answerBytes += send.length
        return { send, ending: action.kind === 'stall' ? 'stall' : 'cut' }
      }
    }
    record.answerBytes += send.length
    return { send }
  }
}

/** Calls the tests whose byte is among those that pass. */
function actOnce(actions: readonly FaultAction[], before: number, after: number): void {
  for (const action of actions) {
    if (action.kind !== 'act' || !action.afterBytes) continue
    if (before < action.afterBytes && after >= action.afterBytes) action.act()
  }
}

function altered(chunk: Buffer, at: number): Buffer {
  if (at < 0 || at >= chunk.length) return chunk
  const copy = Buffer.from(chunk)
  copy[at]! ^= 0xff
  return copy
}
