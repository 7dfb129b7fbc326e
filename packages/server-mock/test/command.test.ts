import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startMock } from '../src/index.js'

const run = promisify(execFile)
const command = fileURLToPath(new URL('../../cli/dist/main.cjs', import.meta.url))

test.for([20_000, 20_000_000])(
  'the second upload of %i bytes by the command sends no byte and runs no operation',
  async size => {
    const mock = await startMock()
    const folder = await mkdtemp(join(tmpdir(), 'opcache-mock-'))
    try {
      const source = Buffer.alloc(size, 'opcache')
      await writeFile(join(folder, 'source.bin'), source)
      const upload = (output: string) =>
        run(
          process.execPath,
          [command, '--server', mock.url, 'upload', 'source.bin', '--op', 'copy', '-o', output],
          {
            cwd: folder,
          },
        )
      await upload('first.bin')
      expect(mock.recorder.bodyBytes('run', 'part')).toBe(size)
      expect(mock.runs()).toBe(1)

      mock.recorder.clear()
      await upload('second.bin')
      expect(mock.recorder.requests.length).toBeGreaterThan(0)
      expect(mock.recorder.bodyBytes('run', 'part', 'declare')).toBe(0)
      expect(mock.runs()).toBe(1)
      expect((await readFile(join(folder, 'second.bin'))).equals(source)).toBe(true)
    } finally {
      await mock.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
)
