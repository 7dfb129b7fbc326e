/**
 * A thread of a runner's process that holds the other end of a pipe to the server. When the server dies, the pipe ends,
 * and the guard kills the process with all that it started, even if an operation holds its main thread for ever. For the
 * same reason it is the guard that lowers the session's priority, which may take several tries.
 */
import { Socket } from 'node:net'
import { workerData } from 'node:worker_threads'
import { lowerSession } from './low-priority.js'
import { killOwnTree } from './process-tree.js'

new Socket({ fd: workerData as number, readable: true, writable: false })
  .on('error', () => undefined)
  .on('close', killOwnTree)
  .resume()

lowerSession()
