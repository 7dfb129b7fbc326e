import { Opcache } from '@opcache/sdk'

/** Hashes a file and uploads it, verified, with a client of its own; what the server does with it is not waited for. */
export async function uploadContent(file, operation, options) {
  const cache = new Opcache(options)
  const identified = await cache.identify(file)
  const opened = await cache.open(identified, operation)
  const { uploadedBytes } = await cache.upload(opened)
  if (uploadedBytes !== identified.size) throw new Error(`${uploadedBytes} bytes were sent: this was a hit.`)
  await identified.close()
  cache.close()
}
