import { createRequire } from 'node:module'
import { defineOperation, type Operation } from '@opcache/server/operation'
import { resizeParams } from './params.js'

const require = createRequire(import.meta.url)

/** Changes the size of an image and keeps its format. Only the declaration is here, as that of `convert`. */
export const resize: Operation = defineOperation({
  name: 'resize',
  version: '1',
  summary: 'Changes the size of an image; its format stays.',
  params: resizeParams,
  streaming: false,
  limits: { memoryBytes: 4 * 2 ** 30, timeoutMs: 10 * 60_000 },
  get module() {
    return require.resolve('#resize-run')
  },
})
