import { uploadContent } from '../upload-content.mjs'

const [, , server, file] = process.argv
await uploadContent(file, 'gzip', { server, concurrency: 8 })
