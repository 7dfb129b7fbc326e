import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningCommand, Sandbox } from '../sandbox.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
})
afterAll(() => sandbox[Symbol.asyncDispose]())

describe.each<[NodeJS.Signals, number]>([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])('%s', (signal, status) => {
  test(`ends an upload with ${status}, tells how to go on, and leaves nothing behind`, async () => {
    const command = await waitingUpload()
    command.process.kill(signal)
    const ended = await command.ended
    expect(ended.status).toBe(status)
    expect(ended.stderr).toMatch(
      /^opcache: .*\[interrupted\]\n {2}Run `opcache upload - --op copy -o 'it'\\''s stopped'` again.*\n$/,
    )
    expect(await readdir(sandbox.path('.'))).toEqual([])
    expect(await socketFolders()).toEqual([])
  })

  test('a second one ends it at once', async () => {
    const command = await waitingUpload()
    command.process.kill(signal)
    command.process.kill(signal)
    expect(await command.ended).toMatchObject({ status, signal: null })
    expect(await socketFolders()).toEqual([])
  })
})

/** An upload that has begun, and waits for its source. */
async function waitingUpload(): Promise<RunningCommand> {
  const args = ['upload', '-', '--op', 'copy', '-o', "it's stopped"]
  const command = sandbox.start(args, { isStdinOpen: true })
  while ((await socketFolders()).length === 0) await new Promise(done => setTimeout(done, 5))
  return command
}

async function socketFolders(): Promise<string[]> {
  const names = await readdir(sandbox.path('../tmp'))
  return names.filter(name => name.startsWith('opcache-'))
}
