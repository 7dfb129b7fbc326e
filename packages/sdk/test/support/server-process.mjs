// A server in a process of its own, so that it can be killed: node server-process.mjs <folder> <port>
import { startServer } from '@opcache/server'

const [folder, port] = process.argv.slice(2)
const { url } = await startServer({ storage: { folder }, port: Number(port) })
process.send({ url })
process.on('disconnect', () => process.exit())
