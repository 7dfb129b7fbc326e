/** What one check found. */
export interface Finding {
  readonly check: string
  readonly level: 'ok' | 'warn' | 'fail'
  /** What was found. */
  readonly message: string
  /** What to do, where something is not as it should be. */
  readonly advice?: string | undefined
  /** What the command ends with, where this is the first failure. */
  readonly exitStatus?: number
}

export function ok(check: string, message: string): Finding {
  return { check, level: 'ok', message }
}

export function warn(check: string, message: string, advice: string): Finding {
  return { check, level: 'warn', message, advice }
}

export function fail(check: string, message: string, advice: string, exitStatus: number): Finding {
  return { check, level: 'fail', message, advice, exitStatus }
}
