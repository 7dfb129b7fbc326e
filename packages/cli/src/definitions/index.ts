import type { CommandDefinition } from '../program/definition.js'
import { cache } from './cache.js'
import { complete } from './complete.js'
import { completion } from './completion.js'
import { config } from './config.js'
import { doctor } from './doctor.js'
import { get } from './get.js'
import { hash } from './hash.js'
import { help } from './help.js'
import { key } from './key.js'
import { login, logout } from './login.js'
import { ls } from './ls.js'
import { manual } from './manual.js'
import { ops } from './ops.js'
import { resume } from './resume.js'
import { retry } from './retry.js'
import { rm } from './rm.js'
import { serve } from './serve.js'
import { status } from './status.js'
import { token } from './token.js'
import { upload } from './upload.js'
import { wait } from './wait.js'

/** Every command, in the order of help. */
export const DEFINITIONS: readonly CommandDefinition[] = [
  ...inGroup('Files:', [upload, resume, hash, key]),
  ...inGroup('Entries:', [status, wait, get, retry, rm, ls]),
  ...inGroup('Servers:', [ops, serve, login, logout, token]),
  ...inGroup('This machine:', [cache, config, doctor, completion, help]),
  complete,
  manual,
]

function inGroup(group: string, definitions: readonly CommandDefinition[]): CommandDefinition[] {
  return definitions.map(definition => ({ ...definition, group }))
}
