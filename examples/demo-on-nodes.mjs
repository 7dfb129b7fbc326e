// Runs the demo on other versions of Node: node examples/demo-on-nodes.mjs 22 24 26. Build first.
// They come as packages from the npm registry, into a folder that is removed afterwards.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const demo = fileURLToPath(new URL('demo.mjs', import.meta.url))
const platform = `node-${process.platform}-${process.arch}`
const folder = mkdtempSync(join(tmpdir(), 'opcache-nodes-'))

try {
  for (const version of process.argv.slice(2)) {
    const prefix = join(folder, version)
    execFileSync(
      'npm',
      ['install', '--prefix', prefix, '--no-audit', '--no-fund', `${platform}@${version}`],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    )
    const node = join(prefix, 'node_modules', platform, 'bin', 'node')
    console.log(`\nNode ${execFileSync(node, ['--version'], { encoding: 'utf8' })}`)
    execFileSync(node, [demo], { stdio: 'inherit' })
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
