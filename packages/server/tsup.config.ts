import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { index: 'src/index.ts', runner: 'src/execution/runner.ts' },
  format: 'esm',
  target: 'node20',
  dts: { entry: { index: 'src/index.ts' } },
  clean: true,
})
