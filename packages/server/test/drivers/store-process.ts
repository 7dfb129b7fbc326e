import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

type Message = Record<string, unknown>

const SCRIPT = fileURLToPath(new URL('./fixtures/store-process.mjs', import.meta.url))

/** Another process that has the store open: the built package in a Node of its own. */
export class StoreProcess {
  readonly #child: ChildProcess
  readonly #messages: Message[] = []
  #waiting: (() => void)[] = []
  #calls = 0

  private constructor(folder: string) {
    this.#child = fork(SCRIPT, [folder], { execArgv: [], serialization: 'advanced' })
    this.#child.on('message', message => {
      this.#messages.push(message as Message)
      this.#lookAgain()
    })
    this.#child.on('exit', () => this.#lookAgain())
  }

  /** Starts a process and waits until it has opened the store. It ends with the test. */
  static async start(folder: string): Promise<StoreProcess> {
    const process = new StoreProcess(folder)
    onTestFinished(() => process.kill())
    await process.message('ready')
    return process
  }

  /** Has the process do something, and gives its answer. */
  async do<Result>(action: string, ...args: unknown[]): Promise<Result> {
    const id = ++this.#calls
    this.#child.send({ id, action, args })
    const answer = await this.message('id', id)
    if ('error' in answer) throw new Error(`The process failed: ${answer.error}`)
    return answer.result as Result
  }

  /** Has the process call a method of a port. */
  call<Result>(port: string, method: string, ...args: unknown[]): Promise<Result> {
    return this.do('call', port, method, ...args)
  }

  /** Begins something whose answer nobody waits for. */
  begin(action: string, ...args: unknown[]): void {
    this.#child.send({ id: ++this.#calls, action, args })
  }

  /** The first message with this member, as soon as it is there. */
  async message(member: string, value?: unknown): Promise<Message> {
    for (;;) {
      const found = this.all(member).find(message => value === undefined || message[member] === value)
      if (found) return found
      if (this.#hasEnded) throw new Error('The process ended.')
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
  }

  /** The messages with this member, so far. */
  all(member: string): Message[] {
    return this.#messages.filter(message => member in message)
  }

  /** SIGKILL: nothing is closed, nothing is said. */
  kill(): Promise<void> {
    return this.#end(() => this.#child.kill('SIGKILL'))
  }

  /** Has the process close the store and end. */
  close(): Promise<void> {
    return this.#end(() => this.#child.disconnect())
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  #lookAgain(): void {
    for (const look of this.#waiting.splice(0)) look()
  }

  async #end(end: () => void): Promise<void> {
    if (this.#hasEnded) return
    const exited = once(this.#child, 'exit')
    end()
    await exited
  }
}
