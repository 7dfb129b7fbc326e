import { execFile, spawn } from 'node:child_process'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { end } from '../start-script.mjs'

const run = promisify(execFile)

/** `curl -T` to a WebDAV folder of nginx; nothing is verified. @throws where one of them is not installed */
export async function startNginx(folder) {
  await run('curl', ['--version'])
  await run('nginx', ['-v'])
  const stored = join(folder, 'nginx', 'stored')
  await mkdir(stored, { recursive: true })
  const port = await freePort()
  const configuration = join(folder, 'nginx', 'nginx.conf')
  await writeFile(configuration, configurationOf(join(folder, 'nginx'), stored, port))
  const child = spawn('nginx', ['-c', configuration, '-p', join(folder, 'nginx'), '-e', 'stderr'], {
    stdio: 'inherit',
  })
  await listening(port)
  return {
    name: 'curl -T to nginx',
    stop: () => end(child),
    upload: file => run('curl', ['-sSfT', file, `http://127.0.0.1:${port}/source`]),
    forget: async () => {
      for (const name of await readdir(stored)) await rm(join(stored, name))
    },
  }
}

/** Bodies are written beside the folder, so that storing one is a rename. */
function configurationOf(folder, stored, port) {
  return `daemon off;
${process.getuid() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${folder}/pid;
events {}
http {
  access_log off;
  client_max_body_size 0;
  client_body_buffer_size 1m;
  client_body_temp_path ${folder}/bodies;
  server {
    listen 127.0.0.1:${port};
    root ${stored};
    dav_methods PUT;
  }
}
`
}

function freePort() {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

async function listening(port) {
  for (let tries = 0; tries < 100; tries++) {
    const isThere = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    )
    if (isThere) return
    await sleep(50)
  }
  throw new Error('nginx does not answer.')
}
