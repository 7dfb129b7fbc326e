import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/schemas.ts'],
  format: 'esm',
  target: 'node20',
  // Whole, the schema library takes 20 MiB of a process; what makes these schemas is some kilobytes.
  noExternal: ['typebox'],
  dts: true,
  clean: true,
})
