import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { DOCUMENTED_ROUTES } from '../../src/http/openapi/documented-routes.js'
import { openApiDocument } from '../../src/http/openapi/openapi-document.js'
import { Walked } from '../borders/walk.js'
import { contentOf, descriptorOf, keyOf } from '../support/content.js'
import { Tokens } from '../support/credentials.js'
import { TestServer } from '../support/test-server.js'

const content = contentOf('described')

test('the document is OpenAPI 3.1, for everybody, and has every route and no other', async () => {
  const tokens = await Tokens.make()
  await tokens.add({ user: 'anna' })
  const server = await TestServer.start('memory', { auth: { tokens: tokens.path }, metrics: true })
  const { status, json } = await server.send('/openapi.json')
  expect(status).toBe(200)
  expect(json.openapi).toBe('3.1.0')
  expect(await new Validator().validate(structuredClone(json))).toMatchObject({ valid: true })
  const documented = Object.entries<Record<string, unknown>>(json.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  )
  expect(documented.sort()).toEqual(Object.keys(DOCUMENTED_ROUTES).sort())
  const { routes } = await Walked.start()
  const answered = routes
    .filter(({ method }) => method !== 'HEAD')
    .map(({ method, url }) => `${method} ${url}`)
  expect(documented).toEqual(answered.sort())
})

test('a route that nobody has documented is found', () => {
  expect(() => openApiDocument([{ method: 'GET', url: '/v1/new' }])).toThrow('GET /v1/new is not documented')
})

test('what a server answers is what the document says', async () => {
  const server = await TestServer.start('memory')
  const { json } = await server.send('/openapi.json')
  const ajv = new Ajv({ strict: false })
  const conforms = (path: string, method: string, answer: { status: number; json: unknown }) => {
    const response = json.paths[path][method].responses[answer.status]
    const { schema } = response.content['application/json'] ?? response.content['application/problem+json']
    const check = ajv.compile(schema.$ref ? json.components.schemas.Problem : schema)
    expect([check(answer.json), path, check.errors]).toEqual([true, path, null])
  }
  await server.upload(content)
  const descriptor = descriptorOf(content)
  const key = keyOf(descriptor)
  conforms('/v1/entries/{key}', 'post', await server.open(descriptor))
  conforms('/v1/entries/{key}', 'get', await server.entry(descriptor, { prefer: 'wait=300' }))
  conforms('/v1/entries/{key}', 'get', await server.send(`/v1/entries/${key.replace(/./g, '0')}`))
  conforms('/v1/entries', 'get', await server.send('/v1/entries'))
  conforms('/v1/contents/{id}', 'get', await server.content(content))
  conforms('/v1/contents/{id}/blocks/{first}', 'put', await server.part(content, 0, 1))
  conforms('/v1', 'get', await server.send('/v1'))
  conforms('/readyz', 'get', await server.send('/readyz'))
})
