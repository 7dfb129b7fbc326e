import { defineConfig } from 'tsup'

const published = {
  index: 'src/index.ts',
  operation: 'src/operations/index.ts',
  config: 'src/config/index.ts',
  command: 'src/command/index.ts',
  contract: 'src/contract/index.ts',
}

export default defineConfig({
  // The runner and its guard are files of their own, because one is started as a process and the other as a thread.
  entry: {
    ...published,
    runner: 'src/execution/isolated/runner.ts',
    'runner-guard': 'src/execution/isolated/runner-guard.ts',
  },
  format: 'esm',
  target: 'node20',
  // Whole, the schema library takes 20 MiB of a process; what makes these schemas is some kilobytes.
  noExternal: ['typebox'],
  dts: { entry: published },
  clean: true,
})
