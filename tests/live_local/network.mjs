// Starts the Bluesky development network on this machine and tells its addresses as one line of
// JSON. It runs until standard input ends.
import net from 'node:net'
import { TestNetwork } from '@atproto/dev-env'

// Its servers would listen to the whole network: they listen to this machine alone.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (where, ...rest) {
  if (typeof where === 'object' && where !== null && !where.path) {
    return listen.call(this, { ...where, host: '127.0.0.1' }, ...rest)
  }
  const told = rest.filter((one) => typeof one === 'function')
  return Number.isInteger(Number(where ?? 0))
    ? listen.call(this, { port: Number(where ?? 0), host: '127.0.0.1' }, ...told)
    : listen.call(this, where, ...rest)
}

const network = await TestNetwork.create({ dbPostgresSchema: 'network' })
console.log(JSON.stringify({ pds: network.pds.url, appview: network.bsky.url }))
process.stdin.on('end', () => process.exit(0)).resume()
