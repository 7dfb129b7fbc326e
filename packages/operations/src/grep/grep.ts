import { createRequire } from 'node:module'
import { defineOperation, type Operation } from '@opcache/server/operation'
import { grepParams } from './params.js'

const require = createRequire(import.meta.url)

/** Keeps lines of a text. Only the declaration is here, as that of `convert`. */
export const grep: Operation = defineOperation({
  name: 'grep',
  version: '1',
  summary: 'The lines of a text that contain a pattern, or those that do not',
  params: grepParams,
  streaming: true,
  get module() {
    return require.resolve('#grep-run')
  },
})
