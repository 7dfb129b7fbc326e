import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { index: 'src/index.ts', 'hashing-thread': 'src/identify/hashing-thread.ts' },
  format: 'esm',
  target: 'node20',
  dts: { entry: { index: 'src/index.ts' } },
  clean: true,
})
