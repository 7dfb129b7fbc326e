import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { printable } from '../failure/printable.js'
import { Interrupted } from './interruption.js'

/** How a question is asked. */
export interface Question {
  /** Whether what is typed stays unseen. @default false */
  readonly isSecret?: boolean
  /** What is told of a question that was not answered. */
  readonly whenStopped: string
}

/** Asks in the terminal. @throws Interrupted when Ctrl-C or Ctrl-D is the answer */
export async function ask(question: string, { isSecret = false, whenStopped }: Question): Promise<string> {
  const prompt = `${printable(question)} `
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const output = isSecret ? nowhere : process.stderr
  const lines = createInterface({ input: process.stdin, output, prompt, terminal: true })
  // From here on the terminal shows no keys by itself.
  if (isSecret) process.stderr.write(prompt)
  const answer = await new Promise<string | undefined>(resolve => {
    lines.once('line', resolve).once('close', () => resolve(undefined))
    // While keys are read one by one, Ctrl-C is one of them; without a listener it closes.
    lines.prompt()
  })
  lines.close()
  // The key that ended the line was not shown.
  if (isSecret || answer === undefined) process.stderr.write('\n')
  if (answer === undefined) throw new Interrupted('SIGINT', whenStopped)
  return answer
}
