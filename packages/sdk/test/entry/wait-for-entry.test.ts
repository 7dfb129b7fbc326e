import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { waitForEntry } from '../../src/entry/wait-for-entry.js'
import { callOf } from '../../src/transport/call.js'
import { Connection } from '../../src/transport/connection.js'
import { handmadeServer } from '../support/handmade-server.js'

const key = 'a'.repeat(64)
const entry = (state: string, more = {}) => ({ key, state, ...more })
const event = (revision: number, state: string, more = {}) =>
  `event: entry\nid: ${revision}\ndata: ${JSON.stringify(entry(state, more))}\n\n`

/** Answers one request after the other as scripted; `seen` are the `Last-Event-ID`s. */
async function scripted(...answers: ((response: ServerResponse, request: IncomingMessage) => void)[]) {
  const seen: unknown[] = []
  const { url } = await handmadeServer((request, response) => {
    if (request.headers.accept === 'text/event-stream') seen.push(request.headers['last-event-id'])
    const answer = answers.shift()
    if (answer) answer(response, request)
    else response.destroy()
  })
  const connection = new Connection({ server: url })
  onTestFinished(() => connection.close())
  return { connection, seen, left: answers }
}

const stream =
  (...pieces: string[]) =>
  (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(pieces.join(''))
  }

test('a wait goes on from the last event, across ends and cuts, until the entry is complete', async () => {
  const { connection, seen, left } = await scripted(
    stream(': comment\n\n', event(1, 'UPLOADING'), event(2, 'PROCESSING')),
    response => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(event(5, 'PROCESSING', { progress: { fraction: 0.5 } }), () => response.destroy())
    },
    response => response.destroy(),
    response => response.writeHead(503, { 'retry-after': '0' }).end(JSON.stringify({ code: 'busy' })),
    stream(event(6, 'PROCESSING').slice(0, 20)),
    stream(event(7, 'COMPLETE', { result: { id: 'x' } })),
  )
  const told: unknown[] = []
  const call = callOf({ onProgress: progress => told.push(progress) })
  const done = await waitForEntry(connection, call, key, undefined)
  expect(done).toMatchObject({ state: 'COMPLETE', result: { id: 'x' } })
  expect(seen).toEqual([undefined, '2', '5', '5', '5', '5'])
  expect(left).toEqual([])
  expect(told).toContainEqual({ phase: 'processing', fraction: 0.5 })
})

test('204 means that the last event was the end, so the entry is read', async () => {
  const { connection, left } = await scripted(
    stream(event(2, 'PROCESSING')),
    response => response.writeHead(204).end(),
    response => response.end(JSON.stringify(entry('COMPLETE'))),
  )
  expect(await waitForEntry(connection, callOf({}), key, undefined)).toEqual(entry('COMPLETE'))
  expect(left).toEqual([])
})

test('a failed entry is an error that tells whether trying again helps', async () => {
  const { connection } = await scripted(
    stream(event(2, 'FAILED', { error: { detail: 'Out of luck.', deterministic: false } })),
  )
  await expect(waitForEntry(connection, callOf({}), key, undefined)).rejects.toMatchObject({
    name: 'OperationFailedError',
    key,
    detail: 'Out of luck.',
    deterministic: false,
  })
})

test('an entry that is deleted ends the wait', async () => {
  const { connection } = await scripted(stream(event(2, 'PROCESSING'), 'event: gone\ndata: {}\n\n'))
  await expect(waitForEntry(connection, callOf({}), key, undefined)).rejects.toMatchObject({
    code: 'entry-not-found',
  })
})

test('an abort closes the stream', async () => {
  const controller = new AbortController()
  const closed: Promise<unknown>[] = []
  const { connection } = await scripted((response, request) => {
    closed.push(new Promise(resolve => request.once('close', resolve)))
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(event(2, 'PROCESSING'))
  })
  const call = callOf({ signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) })
  await expect(waitForEntry(connection, call, key, undefined)).rejects.toThrow('enough')
  await Promise.all(closed)
  expect(closed).toHaveLength(1)
})

test('a result that the server had no room for is no failure of the operation', async () => {
  const error = { code: 'storage-full', status: 503, detail: 'The disk is full.', deterministic: false }
  const { connection } = await scripted(stream(event(3, 'FAILED', { error })))
  const waiting = waitForEntry(connection, callOf({}), key, undefined)
  await expect(waiting).rejects.toMatchObject({
    name: 'RequestError',
    code: 'storage-full',
    message: 'The disk is full.',
  })
})
