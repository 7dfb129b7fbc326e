import { expect, test } from 'vitest'
import { Turns } from '../../src/drivers/embedded/turns.js'

/** A task that ends when it is told to. */
function openTask(log: string[], name: string) {
  let end: () => void = () => undefined
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  const run = async () => {
    log.push(`${name} begins`)
    await ended
    log.push(`${name} ends`)
  }
  return { run, end }
}

test('what concerns one thing runs in turns, other things at the same time', async () => {
  const turns = new Turns()
  const log: string[] = []
  const [first, second, other] = ['first', 'second', 'other'].map(name => openTask(log, name))
  const running = [turns.run('a', first!.run), turns.run('a', second!.run), turns.run('b', other!.run)]
  other!.end()
  await running[2]
  expect(log).toEqual(['first begins', 'other begins', 'other ends'])
  second!.end()
  first!.end()
  await Promise.all(running)
  expect(log.slice(3)).toEqual(['first ends', 'second begins', 'second ends'])
})

test('a failure is told to its own caller, and the next one has its turn', async () => {
  const turns = new Turns()
  const failing = turns.run('a', () => Promise.reject(new Error('no room')))
  const next = turns.run('a', () => Promise.resolve())
  await expect(failing).rejects.toThrow('no room')
  await expect(next).resolves.toBeUndefined()
})
