import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Starts a server of this folder, which prints its address first. */
export async function startScript(script, ...args) {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  return { url: await firstLine(child), stop: () => end(child) }
}

/** What a process prints first. */
export async function firstLine(child) {
  const [line] = await once(child.stdout, 'data')
  return String(line).trim()
}

/** Ends a process and waits for its end. */
export async function end(child) {
  const exited = once(child, 'exit')
  child.kill()
  await exited
}
