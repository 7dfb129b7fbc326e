import { existsSync } from 'node:fs'
import { mkdir, readdir, rmdir, utimes } from 'node:fs/promises'
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

test('SIGKILL leaves a folder with a socket, which the next command removes, and no other', async () => {
  const killed = await waitingUpload()
  const living = await waitingUpload(2)
  const folders = (await socketFolders()).map(name => sandbox.path(`../tmp/${name}`))
  expect(folders).toHaveLength(2)
  await until(() => folders.every(folder => existsSync(`${folder}/s`)))
  killed.process.kill('SIGKILL')
  await killed.ended
  const minutesAgo = Date.now() / 1000 - 120
  for (const folder of folders) await utimes(folder, minutesAgo, minutesAgo)
  // Of one that was killed before it listened, and of one that may still come to that.
  const [dead, starting] = ['opcache-killed', 'opcache-starts'].map(name => sandbox.path(`../tmp/${name}`))
  for (const folder of [dead!, starting!]) await mkdir(folder)
  await utimes(dead!, minutesAgo - 3600, minutesAgo - 3600)
  await utimes(starting!, minutesAgo, minutesAgo)
  await sandbox.write('source', 'source')
  const upload = ['upload', 'source', '--op', 'copy', '-o', 'result']
  expect(await sandbox.run(upload)).toMatchObject({ status: 0 })
  expect(await socketFolders()).toHaveLength(2)
  await rmdir(starting!)
  living.process.kill('SIGTERM')
  expect(await living.ended).toMatchObject({ status: 143 })
  expect(await socketFolders()).toEqual([])
})

/** An upload that has begun, as one of so many, and waits for its source. */
async function waitingUpload(count = 1): Promise<RunningCommand> {
  const args = ['upload', '-', '--op', 'copy', '-o', "it's stopped"]
  const command = sandbox.start(args, { isStdinOpen: true })
  await until(async () => (await socketFolders()).length >= count)
  return command
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(done => setTimeout(done, 5))
}

async function socketFolders(): Promise<string[]> {
  const names = await readdir(sandbox.path('../tmp'))
  return names.filter(name => name.startsWith('opcache-'))
}
