import { startServer } from '@opcache/server'

const server = await startServer({ storage: { folder: process.argv[2] }, port: 0 })
console.log(server.url)
