import { lookup } from 'node:dns/promises'
import { BlockList } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** Whether all addresses of a host are reached from this machine alone. @throws when there is no such host */
export async function isLoopback(host: string): Promise<boolean> {
  // To Node, no host is every address.
  if (host === '') return false
  const addresses = await lookup(host, { all: true })
  return addresses.every(({ address, family }) => LOOPBACK.check(address, family === 6 ? 'ipv6' : 'ipv4'))
}
