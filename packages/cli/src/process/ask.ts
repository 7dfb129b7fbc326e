import { Writable } from 'node:stream'
import { printable } from '../failure/printable.js'
import { Interrupted, interruptionSignal } from './interruption.js'

/** How a question is asked. */
export interface Question {
  /** Whether what is typed stays unseen. @default false */
  readonly isSecret?: boolean
  /** What is told of a question that was not answered. */
  readonly whenStopped: string
}

/** Asks in the terminal. @throws Interrupted when Ctrl-C or Ctrl-D is the answer */
export async function ask(question: string, { isSecret = false, whenStopped }: Question): Promise<string> {
  const { createInterface } = await import('node:readline')
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const signal = interruptionSignal()
  // What may be seen is left to the terminal, which needs no control codes to show it; for what must not, keys are read one
  // by one, and Ctrl-C is one of them.
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: isSecret, signal })
  process.stderr.write(`${printable(question)} `)
  const answer = await new Promise<string | undefined>(resolve => {
    lines.once('line', resolve).once('close', () => resolve(undefined))
  })
  lines.close()
  // The key that ended the line was not shown.
  if (isSecret || answer === undefined) process.stderr.write('\n')
  if (answer === undefined) throw new Interrupted('SIGINT', whenStopped)
  return answer
}
