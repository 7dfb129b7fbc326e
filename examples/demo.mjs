// The main job, for real: a PDF and a photograph are converted, then once more to show the hit.
// `pnpm demo` builds first. Results are in examples/out; the cache lies beside them and is made anew each time.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { isAbsolute, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const path = name => fileURLToPath(new URL(name, import.meta.url))
const command = path('../packages/cli/dist/main.cjs')
const jobs = [
  { file: 'files/handbook.pdf', output: 'out/handbook.txt' },
  { file: 'files/handbook.pdf', output: 'out/handbook-page-4.png', params: ['page=4'] },
  { file: 'files/landscape.jpg', output: 'out/landscape.avif', params: ['width=1600'] },
]

rmSync(path('out'), { recursive: true, force: true })
mkdirSync(path('out'))

console.log('First time: uploaded and computed.\n')
const first = jobs.map(run)
console.log('\nOnce more, as anybody with the same bytes would: found.\n')
const again = jobs.map(run)

const sum = (results, field) => results.reduce((total, result) => total + result[field], 0)
console.log(`
             uploaded          time
first   ${bytes(sum(first, 'uploadedBytes'))} ${seconds(sum(first, 'durationMs'))}
again   ${bytes(sum(again, 'uploadedBytes'))} ${seconds(sum(again, 'durationMs'))}     ${bytes(sum(again, 'savedBytes')).trim()} not uploaded, nothing computed
`)
const isRight =
  first.every(({ served }) => served === 'miss') && again.every(({ served }) => served === 'hit')
if (!isRight || sum(again, 'uploadedBytes') !== 0) {
  console.error('This is not what the demo promises: the first run must miss, the second must hit.')
  process.exit(1)
}

/** Runs `opcache upload` as a person would type it, and answers what it says with --json. */
function run({ file, output, params = [] }) {
  const typed = [
    'upload',
    path(file),
    '--op',
    'convert',
    ...params.flatMap(param => ['-p', param]),
    '-o',
    path(output),
  ]
  console.log(
    `$ opcache ${typed.map(arg => (isAbsolute(arg) ? relative(process.cwd(), arg) : arg)).join(' ')}`,
  )
  const { stdout, status } = spawnSync(process.execPath, [command, ...typed, '--force', '--json'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, OPCACHE_CACHE_DIR: path('out/cache'), OPCACHE_SERVER: '' },
  })
  if (status !== 0) {
    console.error(stdout)
    process.exit(status ?? 1)
  }
  const result = JSON.parse(stdout)
  const written = relative(process.cwd(), result.output)
  console.log(
    `  ${result.served}: ${written}, ${bytes(result.result.size).trim()} of ${result.result.type}, ` +
      `${bytes(result.uploadedBytes).trim()} uploaded, ${seconds(result.durationMs).trim()}`,
  )
  return result
}

function bytes(count) {
  return `${count.toLocaleString('en')} bytes`.padStart(16)
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(2)} s`.padStart(9)
}
