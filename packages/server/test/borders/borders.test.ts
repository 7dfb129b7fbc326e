import { describe, expect, test } from 'vitest'
import { type Caller, LOCAL_CALLER, SCOPES, type Scope } from '../../src/engine/caller.js'
import { Worker } from '../../src/execution/worker.js'
import { bytesOf, contentOf } from '../support/content.js'
import { until } from '../support/until.js'
import { type Seen, type Step, stepsOf, type Target, targetOf, Walked } from './walk.js'

const anna: Caller = { ...LOCAL_CALLER, namespace: 'acme', user: 'anna' }
const SIZE = 1000

/** What anna has, and the like that nobody has. */
const SHARED = pair(1)
const PRIVATE = pair(3, { user: 'anna' })
const UNSHARED = pair(5, { user: 'anna' }, [
  'u-00000000-0000-4000-8000-000000000001',
  'u-00000000-0000-4000-8000-000000000002',
])
const RESOURCE = pair(7, { user: 'anna', resource: { name: 'handbook', version: '7' } })

function pair(
  seed: number,
  rest = {},
  keys: readonly string[] = [],
): readonly [had: Target, unknown: Target] {
  const [had, unknown] = [0, 1].map(at => targetOf(contentOf(bytesOf(SIZE, seed + at)), rest, keys[at]))
  return [had!, unknown!]
}

/** A server on which anna's entries are complete and nothing runs any more. */
async function startWithAnna(): Promise<Walked> {
  const walked = await Walked.start()
  for (const [had] of [SHARED, PRIVATE, UNSHARED, RESOURCE]) await walked.store(anna, had)
  const worker = new Worker(walked.engine, 2)
  const states = async () => {
    const page = await walked.engine.entries.list({ namespace: 'acme', creator: 'anna', limit: 10 })
    return page.entries.map(({ phase }) => phase.state)
  }
  await until(async () => (await states()).every(state => state === 'COMPLETE'))
  expect(await states()).toHaveLength(4)
  await worker.stop()
  return walked
}

/** Reads first, then what ends something: what writes leave behind changes what others see, for either target. */
function inOrder(steps: readonly Step[]): Step[] {
  const order = [/^(GET|HEAD) /, /^DELETE /, /\/seal /, /^/]
  const rank = ({ what }: Step) => order.findIndex(kind => kind.test(what))
  return [...steps].sort((a, b) => rank(a) - rank(b))
}

/** Walks two servers that are alike, on each about one of the targets, and answers where they differ. */
async function walkBoth(
  caller: Caller,
  [had, unknown]: readonly [Target, Target],
): Promise<{ steps: readonly Step[]; differences: [string, Seen, Seen][] }> {
  const [one, other] = [await startWithAnna(), await startWithAnna()]
  const steps = inOrder(stepsOf(one.routes))
  const differences: [string, Seen, Seen][] = []
  for (const step of steps) {
    const seen = [await one.take(caller, step, had), await other.take(caller, step, unknown)] as const
    if (JSON.stringify(seen[0]) !== JSON.stringify(seen[1])) differences.push([step.what, ...seen])
  }
  return { steps, differences }
}

describe('what a caller may not see is as unknown as what is not there, byte by byte and call by call', () => {
  test.each([
    ['a shared entry', SHARED],
    ['a private entry', PRIVATE],
    ['an unshared entry', UNSHARED],
    ['a named resource', RESOURCE],
  ])('for another namespace: %s', async (_what, targets) => {
    expect((await walkBoth({ ...anna, namespace: 'other' }, targets)).differences).toEqual([])
  })

  test.each([
    ['a private entry', PRIVATE],
    ['an unshared entry', UNSHARED],
    ['a named resource', RESOURCE],
  ])('for another user of the namespace: %s', async (_what, targets) => {
    expect((await walkBoth({ ...anna, user: 'bert' }, targets)).differences).toEqual([])
  })

  test.each([
    ['anna herself', anna],
    ['another user', { ...anna, user: 'bert' }],
  ])('for a credential of %s without a scope', async (_who, caller) => {
    expect((await walkBoth({ ...caller, scopes: [] }, SHARED)).differences).toEqual([])
  })

  test.each<[string, Partial<Caller>, readonly Scope[], readonly [Target, Target]]>([
    ['reads in another namespace: a shared entry', { namespace: 'other' }, ['read'], SHARED],
    ['reads in another namespace: an unshared entry', { namespace: 'other' }, ['read'], UNSHARED],
    ['reads as another user: a private entry', { user: 'bert' }, ['read'], PRIVATE],
    ['reads as another user: a named resource', { user: 'bert' }, ['read'], RESOURCE],
    ['sends as another user: a private entry', { user: 'bert' }, ['upload'], PRIVATE],
    ['administers another namespace: a shared entry', { namespace: 'other' }, ['admin'], SHARED],
  ])('for a credential that only %s', async (_what, who, scopes, targets) => {
    expect((await walkBoth({ ...anna, ...who, scopes }, targets)).differences).toEqual([])
  })

  test('for a name that is malformed, wherever a name is asked for', async () => {
    const walked = await startWithAnna()
    const steps = stepsOf(walked.routes).filter(({ method }) => ['GET', 'HEAD', 'DELETE'].includes(method))
    const [, unknown] = SHARED
    const malformed = ['x', '0'.repeat(63), 'A'.repeat(64), '%00', 'u-1', '__proto__'].map(name => ({
      ...unknown,
      key: name,
      stream: name,
      content: { ...unknown.content, id: name as never },
    }))
    let compared = 0
    for (const step of steps.filter(({ path }) => path(unknown) !== path(malformed[0]!))) {
      const { status, text } = await walked.take(anna, step, unknown)
      for (const target of malformed) {
        const seen = await walked.take(anna, step, target)
        expect({ what: step.what, ...seen, calls: {} }).toEqual({ what: step.what, status, text, calls: {} })
        if (status === 404) compared += 1
      }
    }
    expect(compared).toBeGreaterThan(100)
  })
})

test('without a scope nothing is read, written or begun at any route', async () => {
  const walked = await startWithAnna()
  const open = ['/v1', '/healthz', '/readyz', '/openapi.json']
  const [had] = SHARED
  for (const step of stepsOf(walked.routes)) {
    const { status, calls } = await walked.take({ ...anna, scopes: [] }, step, had)
    if (open.includes(step.path(had))) expect(status, step.what).toBe(200)
    else {
      expect({ what: step.what, status }).toEqual({ what: step.what, status: expect.toSatisfy(isRefusal) })
      expect({ what: step.what, calls }).toEqual({ what: step.what, calls: {} })
    }
  }
})

/** By route: the scopes that a request needs, or others that do as well, and what it sends. GET stands for HEAD, too. */
const NEEDED: Record<string, { needs: readonly (readonly Scope[])[]; sends?: string }> = {
  'GET /healthz': { needs: [[]] },
  'GET /readyz': { needs: [[]] },
  'GET /openapi.json': { needs: [[]] },
  'GET /metrics': { needs: [['admin']] },
  'GET /v1': { needs: [[]] },
  'GET /v1/entries': { needs: [['read']] },
  'POST /v1/entries/:key': { needs: [['read', 'upload', 'execute']], sends: 'an open' },
  'GET /v1/entries/:key': { needs: [['read']] },
  'DELETE /v1/entries/:key': { needs: [['read', 'execute'], ['admin']] },
  'GET /v1/entries/:key/result': { needs: [['read']] },
  'GET /v1/entries/:key/source': { needs: [['read']] },
  'PUT /v1/contents/:id': { needs: [['upload']], sends: 'its manifest' },
  'GET /v1/contents/:id': { needs: [['read']] },
  'GET /v1/contents/:id/manifest': { needs: [['read']] },
  'PUT /v1/contents/:id/blocks/:first': { needs: [['upload']], sends: 'its bytes' },
  'POST /v1/contents/:id/seal': { needs: [['upload']], sends: 'a seal' },
  'POST /v1/run/:operation': { needs: [['read', 'upload', 'execute']], sends: 'its bytes' },
}

test('every route is refused to whoever lacks a scope that it needs, and to nobody else; a new one fails here', async () => {
  const { routes } = await Walked.start()
  const named = routes.map(({ method, url }) => `${method.replace('HEAD', 'GET')} ${url}`)
  expect([...new Set(named)].sort()).toEqual(Object.keys(NEEDED).sort())
  const sets = Array.from({ length: 2 ** SCOPES.length }, (_, bits) =>
    SCOPES.filter((_scope, at) => bits & (1 << at)),
  )
  for (const { method, url } of routes) {
    const { needs, sends = 'nothing' } = NEEDED[`${method.replace('HEAD', 'GET')} ${url}`]!
    const walked = await Walked.start()
    const what = `${method} ${url} with ${sends} of a ${url.endsWith('/seal') ? 'stream' : 'content'}`
    const step = stepsOf([{ method, url }]).find(each => each.what === what)!
    const isEnough = (scopes: readonly Scope[]) =>
      needs.some(all => all.every(scope => scopes.includes(scope)))
    const refused = sets.filter(scopes => !isEnough(scopes))
    // Those first: what others have made may be read with less than it took to make it.
    for (const scopes of [...refused, ...sets.filter(isEnough)]) {
      const { status } = await walked.take({ ...anna, scopes }, step, SHARED[1])
      expect([what, scopes, status === 403]).toEqual([what, scopes, refused.includes(scopes)])
    }
  }
})

test('the walk meets what it is made to find: anna sees what she has, wherever a name is asked for', async () => {
  const { steps, differences } = await walkBoth(anna, SHARED)
  const routeOf = (what: string) => what.split(' with ')[0] as string
  const asked = new Set(steps.map(({ what }) => routeOf(what)).filter(route => /:(key|id)/.test(route)))
  const met = new Set(differences.map(([what]) => routeOf(what)))
  expect([...asked].filter(route => !met.has(route))).toEqual([])
  expect(asked.size).toBeGreaterThan(10)
})

/** Refused for what it is, or for what the credential may not; never found. */
function isRefusal(status: number): boolean {
  return [400, 403, 411, 413, 415, 422].includes(status)
}
