import { defineConfig } from 'tsup'

const published = {
  index: 'src/index.ts',
  operation: 'src/operations/index.ts',
  contract: 'src/contract/index.ts',
}

export default defineConfig({
  // The runner is a file of its own, because it is started as a process of its own.
  entry: { ...published, runner: 'src/execution/runner.ts' },
  format: 'esm',
  target: 'node20',
  dts: { entry: published },
  clean: true,
})
