import { access, constants, mkdir, statfs } from 'node:fs/promises'
import { EXIT } from '../failure/exit-status.js'
import { sizeText } from '../output/size-text.js'
import { type Finding, fail, ok, warn } from './finding.js'

/** With less, a large result may not find room. */
const LOW_BYTES = 2 ** 30

/** The Node that runs this. */
export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNewEnough = major > 20 || (major === 20 && minor >= 19)
  if (isNewEnough) return ok('node', `Node ${version}`)
  return fail(
    'node',
    `Node ${version} is too old: opcache needs 20.19 or newer.`,
    'Install a newer Node.',
    EXIT.usage,
  )
}

/** The folder that is cached in without a server. */
export async function checkCacheFolder(folder: string): Promise<Finding> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await access(folder, constants.W_OK | constants.X_OK)
    const { bavail, bsize } = await statfs(folder)
    const free = bavail * bsize
    if (free >= LOW_BYTES) return ok('cache', `${folder} is writable, ${sizeText(free)} free`)
    return warn('cache', `${folder} has only ${sizeText(free)} left.`, 'Make room, or choose another folder.')
  } catch (error) {
    return fail(
      'cache',
      `${folder} cannot be written to: ${(error as Error).message}.`,
      'Choose another one: `opcache config set cache-dir <folder>`.',
      EXIT.usage,
    )
  }
}

/** Variables that others heed, and this program does not. */
export function checkProxies(env: NodeJS.ProcessEnv = process.env): Finding {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap(name => [name, name.toLowerCase()])
  const set = names.filter(name => env[name])
  if (set.length === 0) return ok('proxy', 'no proxy is set')
  return warn(
    'proxy',
    `${set.join(', ')}: opcache connects to its server directly, without a proxy.`,
    'If the server is out of reach, have this machine reach it directly.',
  )
}
