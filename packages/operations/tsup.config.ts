import { defineConfig } from 'tsup'

export default defineConfig({
  // What runs is in files of its own, because the server starts them in processes of its own.
  entry: {
    index: 'src/index.ts',
    'convert/run': 'src/convert/run.ts',
    'csv-to-jsonl/run': 'src/csv-to-jsonl/run.ts',
    'grep/run': 'src/grep/run.ts',
    'resize/run': 'src/resize/run.ts',
  },
  format: 'esm',
  target: 'node20',
  // Whole, the schema library takes 20 MiB of a process; what makes these schemas is some kilobytes.
  noExternal: ['typebox'],
  dts: { entry: { index: 'src/index.ts' } },
  clean: true,
})
