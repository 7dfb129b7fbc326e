import { describe, expect, it } from 'vitest'
import type { Notifier } from '../ports/notifier.js'
import { type OpenPort, withPort } from './opened.js'

/** What every notifier must do. Wakes are hints, so nothing is asked of how many or how soon they come. */
export function notifierContract(name: string, open: OpenPort<Notifier>): void {
  const test = (title: string, use: (notifier: Notifier) => Promise<void>) =>
    it(title, () => withPort(open, use))

  describe(`${name} as a notifier`, () => {
    test('says how long a sleep may be', async ({ rereadMs }) => {
      expect(rereadMs).toBeGreaterThan(0)
      expect(Number.isFinite(rereadMs)).toBe(true)
    })

    test('wakes all subscribers of a topic', async notifier => {
      const woken = Promise.all([nextWake(notifier, 'a'), nextWake(notifier, 'a'), nextWake(notifier, 'a')])
      notifier.publish('a')
      await woken
    })

    test('wakes the subscribers of a topic again', async notifier => {
      for (let turn = 0; turn < 3; turn++) {
        const woken = nextWake(notifier, 'a')
        notifier.publish('a')
        await woken
      }
    })

    test('wakes nobody within publish', async notifier => {
      let isPublishing = true
      const woken = new Promise<boolean>(resolve => {
        const stop = notifier.subscribe('a', () => {
          stop()
          resolve(isPublishing)
        })
      })
      notifier.publish('a')
      isPublishing = false
      expect(await woken).toBe(false)
    })

    test('wakes no subscribers of other topics', async notifier => {
      let others = 0
      const stops = ['b', 'aa', '', 'a '].map(topic => notifier.subscribe(topic, () => void others++))
      const woken = nextWake(notifier, 'a')
      notifier.publish('a')
      await woken
      expect(others).toBe(0)
      for (const stop of stops) stop()
    })

    test('wakes nobody who has unsubscribed, and those who have not', async notifier => {
      let wakes = 0
      const listener = () => void wakes++
      const stop = notifier.subscribe('a', listener)
      stop()
      stop()
      const woken = nextWake(notifier, 'a')
      notifier.publish('a')
      await woken
      expect(wakes).toBe(0)
    })

    test('takes one function as several subscribers', async notifier => {
      let wakes = 0
      const listener = () => void wakes++
      const stops = [notifier.subscribe('a', listener), notifier.subscribe('a', listener)]
      stops[0]!()
      const woken = nextWake(notifier, 'a')
      notifier.publish('a')
      await woken
      expect(wakes).toBeGreaterThan(0)
      stops[1]!()
    })

    test('publishes where nobody subscribes', async notifier => {
      notifier.publish('nobody')
    })
  })
}

/** Resolves at the next wake. */
function nextWake(notifier: Notifier, topic: string): Promise<void> {
  return new Promise(resolve => {
    const stop = notifier.subscribe(topic, () => {
      stop()
      resolve()
    })
  })
}
