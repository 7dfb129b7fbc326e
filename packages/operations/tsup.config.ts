import { defineConfig } from 'tsup'

export default defineConfig({
  // The runner is a file of its own, because the server starts it in a process of its own.
  entry: { index: 'src/index.ts', 'convert/run': 'src/convert/run.ts' },
  format: 'esm',
  target: 'node20',
  dts: { entry: { index: 'src/index.ts' } },
  clean: true,
})
