import { expect, test } from 'vitest'
import { startServer } from '../../../src/index.js'

test('what goes wrong inside is told to the operator, and not to the client', async () => {
  const reports: [message: string, what: string][] = []
  const server = await startServer({
    storage: 'memory',
    port: 0,
    report: (error, what) => void reports.push([(error as Error).message, what]),
    prepare: app => void app.get('/broken', () => Promise.reject(new Error('the secret of the house'))),
  })
  try {
    const answer = await fetch(`${server.url}/broken`)
    expect(answer.status).toBe(500)
    expect(await answer.json()).toMatchObject({ code: 'internal', status: 500 })
    const requestId = answer.headers.get('x-request-id')
    expect(reports).toEqual([['the secret of the house', `answering GET /broken (request ${requestId})`]])
    expect((await fetch(`${server.url}/v1/entries/nope`)).status).toBe(404)
    expect(reports).toHaveLength(1)
  } finally {
    await server.close()
  }
})
