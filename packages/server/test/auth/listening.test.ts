import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { readFile, rename, stat } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Tokens } from '../support/credentials.js'
import { TestServer, temporaryFolder } from '../support/test-server.js'
import { until } from '../support/until.js'

describe('a server that asks nobody who he is', () => {
  test.each(['0.0.0.0', '::', ''])('does not start on "%s"', async host => {
    await expect(TestServer.start('memory', { host })).rejects.toThrow(/there is no authentication/)
  })

  test('starts where only this machine reaches it, or where it is told to in as many words', async () => {
    for (const host of ['127.0.0.1', 'localhost', '127.0.0.2']) {
      const server = await TestServer.start('memory', { host })
      expect((await server.send('/v1')).json.caller).toMatchObject({ user: 'local', namespace: 'default' })
    }
    const { url } = await TestServer.start('memory', { host: '0.0.0.0', allowAnonymous: true })
    expect(url).toMatch(/^http:\/\/0\.0\.0\.0:/)
  })

  test('is not one that asks', async () => {
    const tokens = await Tokens.make()
    await tokens.add({ user: 'anna' })
    const auth = { tokens: tokens.path }
    const server = await TestServer.start('memory', { host: '0.0.0.0', auth })
    expect(await server.send('/v1')).toMatchObject({ status: 401 })
    await expect(TestServer.start('memory', { auth, allowAnonymous: true })).rejects.toThrow(/not both/)
  })
})

test("a socket is its owner's alone from the moment it is there", async () => {
  const socket = join(await temporaryFolder(), 'socket')
  const mask = process.umask(0)
  onTestFinished(() => void process.umask(mask))
  let first: number | undefined
  await TestServer.start('memory', {
    socket,
    prepare: app => void app.server.prependOnceListener('listening', () => (first = statSync(socket).mode)),
  })
  expect(first! & 0o077).toBe(0)
  expect((await stat(socket)).mode & 0o777).toBe(0o600)
  expect(process.umask()).toBe(0)
})

describe('TLS', () => {
  test('carries the protocol, and takes a new certificate without a restart', async () => {
    const folder = await temporaryFolder()
    const tls = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') }
    certify(tls, 'first')
    const server = await TestServer.start('memory', { tls, report: () => undefined })
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    expect(await getJson(`${server.url}/v1`, await readFile(tls.cert, 'utf8'))).toMatchObject({ protocol: 1 })
    expect(await commonName(server.url)).toBe('first')
    const next = { key: join(folder, 'next-key.pem'), cert: join(folder, 'next-cert.pem') }
    certify(next, 'second')
    await rename(next.key, tls.key)
    await rename(next.cert, tls.cert)
    await until(async () => (await commonName(server.url)) === 'second')
  })

  test('a key that is not that of the certificate is found before the server starts', async () => {
    const folder = await temporaryFolder()
    const [one, two] = ['one', 'two'].map(name => ({
      key: join(folder, `${name}.key`),
      cert: join(folder, `${name}.cert`),
    }))
    certify(one!, 'one')
    certify(two!, 'two')
    const start = (tls: typeof one) => TestServer.start('memory', { tls: tls! })
    await expect(start({ key: one!.key, cert: two!.cert })).rejects.toThrow(/TLS cannot use/)
    await expect(start({ key: one!.key, cert: join(folder, 'none') })).rejects.toThrow(/ENOENT/)
  })
})

/** Makes a key and a certificate that it signs itself. */
function certify({ key, cert }: { key: string; cert: string }, name: string): void {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
}

function getJson(url: string, ca: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request(url, { ca }, async response => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      resolve(JSON.parse(Buffer.concat(chunks).toString()))
    })
      .on('error', reject)
      .end()
  })
}

function commonName(url: string): Promise<string | undefined> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      const { CN } = socket.getPeerCertificate().subject
      resolve([CN].flat()[0])
      socket.destroy()
    })
    socket.on('error', reject)
  })
}
