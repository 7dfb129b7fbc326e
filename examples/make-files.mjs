// Makes the files in examples/files: node examples/make-files.mjs [folder]
// Everything in them is made up here, and running it again gives the same bytes.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeHandbook } from './make-files/handbook.mjs'
import { makeLandscape } from './make-files/landscape.mjs'
import { notes, stations } from './make-files/texts.mjs'

const folder = process.argv[2] ?? fileURLToPath(new URL('files', import.meta.url))
await mkdir(folder, { recursive: true })

const files = {
  'handbook.pdf': await makeHandbook(),
  'landscape.jpg': await makeLandscape(),
  'notes.md': Buffer.from(notes),
  'stations.csv': Buffer.from(stations),
}
for (const [name, bytes] of Object.entries(files)) {
  await writeFile(join(folder, name), bytes)
  console.log(`${name}: ${bytes.length} bytes`)
}
