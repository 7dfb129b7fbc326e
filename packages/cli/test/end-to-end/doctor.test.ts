import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkNode, checkProxies } from '../../src/doctor/check-machine.js'
import { Sandbox } from '../sandbox.js'
import { type Served, serve } from '../served.js'

let sandbox: Sandbox
let served: Served
beforeAll(async () => {
  sandbox = await Sandbox.make()
  served = await serve(sandbox)
})
afterAll(async () => {
  served.command.process.kill()
  await served.command.ended
  await sandbox[Symbol.asyncDispose]()
})

describe('doctor', () => {
  test('has a line for each check, with where a setting comes from', async () => {
    const { status, stdout, stderr } = await sandbox.run(['doctor'], { env: { OPCACHE_SERVER: served.url } })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const lines = String(stdout).trimEnd().split('\n')
    expect(lines.map(line => line.slice(0, 14).trim().split(/ +/))).toEqual([
      ['ok', 'node'],
      ['ok', 'settings'],
      [expect.stringMatching(/ok|warn/), 'server'],
      ['ok', 'token'],
      ['ok', 'clock'],
      [expect.stringMatching(/ok|warn/), 'cache'],
      ['ok', 'proxy'],
    ])
    expect(lines[1]).toContain(`server = ${served.url} (OPCACHE_SERVER)`)
    // A server on a machine that is busy may answer slowly.
    expect(lines[2]).toMatch(/^(ok .*, \d{1,3} ms away|warn .*answers slowly: .*, \d{4,} ms away)/)
  })

  test('ends with the status of the first failure, and goes on to the other checks', async () => {
    const findings = await sandbox.json(['doctor', '--server', 'http://127.0.0.1:1'])
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'server', level: 'fail', exitStatus: 5, advice: expect.any(String) }),
    )
    expect(findings.at(-1)).toMatchObject({ check: 'proxy' })
    expect((await sandbox.run(['doctor', '--server', 'http://127.0.0.1:1'])).status).toBe(5)
    const folder = await sandbox.run(['doctor', '--cache-dir', '/dev/null/x'])
    expect(folder).toMatchObject({ status: 2, stdout: expect.anything() })
    expect(String(folder.stdout)).toMatch(/^fail {2}cache .*\n {16}Choose another one/m)
  })

  test('finds a file of settings that is damaged', async () => {
    await sandbox.write('.opcacherc.json', '{"sevrer":"http://x"}')
    const { status, stdout } = await sandbox.run(['doctor'])
    expect(status).toBe(2)
    expect(String(stdout)).toMatch(/^fail {2}settings .*"sevrer"\.\n {16}Did you mean "server"\?/m)
    await sandbox.write('.opcacherc.json', '{}')
  })

  test('knows which Node is too old, and which proxies are not used', () => {
    expect(checkNode('20.18.3').level).toBe('fail')
    expect(checkNode('20.19.0').level).toBe('ok')
    expect(checkNode('22.1.0').level).toBe('ok')
    expect(checkProxies({ https_proxy: 'http://x' })).toMatchObject({
      level: 'warn',
      message: expect.stringContaining('https_proxy'),
    })
    expect(checkProxies({}).level).toBe('ok')
  })
})
