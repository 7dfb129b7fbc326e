#!/usr/bin/env node
import { CommanderError } from 'commander'
import { createProgram } from './program.js'

let status = 0
const program = createProgram(of => {
  status = of
})
try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) status = error.exitCode === 0 ? 0 : 2
  else {
    const { reportFailure } = await import('./failure/report-failure.js')
    status = await reportFailure(error, program.opts())
  }
}
const { endProcess } = await import('./process/end-process.js')
await endProcess(status)
