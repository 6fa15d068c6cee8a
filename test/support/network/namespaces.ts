// Network namespaces, one a server, and what happens between them: packets that get lost in one
// direction or both with nobody told, or connections that break. Unlike a proxy, it is the kernel's own
// TCP that meets this, with its retransmissions.
//
//   program                                  in a namespace of its own (ownNetwork)
//     |  10.0.0.254, a bridge for clients
//     +-- server 1: 10.0.0.1
//     +-- server 2: 10.0.0.2                 10.0.1.N among themselves, over a bridge of their own
//
// Nothing of it is seen outside, and it goes with its processes.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

const CLIENTS = '10.0.0'
const PEERS = '10.0.1'
/** Of the program itself, where clients are. */
const OWN = 254
/** Nobody's: what is sent there is lost. */
const NOWHERE = '02:00:00:00:ff:ff'
/** Told to a program that runs in a network of its own. */
const MARK = 'RINGKEEPER_OWN_NETWORK'
const UNSHARE = ['--map-root-user', '--net', '--mount', 'sh', '-c']
/** `ip netns` keeps its names in /run. */
const PREPARE = 'mount -t tmpfs tmpfs /run && mkdir /run/netns && ip link set lo up'
const PROBE =
  'ip netns add probe && ip link add probe0 type veth peer name probe1 netns probe && ' +
  'ip link add probe2 type bridge && ss -K state established > /dev/null'

/** Whether this program runs in a network of its own. */
export const IN_OWN_NETWORK: boolean = process.env[MARK] !== undefined

/** Why there can be no namespaces here; null when there can. */
export function namespacesMissing(): string | null {
  if (process.platform !== 'linux') return 'this is not Linux'
  const tried = spawnSync('unshare', [...UNSHARE, `${PREPARE} && ${PROBE}`], { encoding: 'utf8' })
  if (tried.status === 0) return null
  return tried.error?.message ?? tried.stderr.trim().split('\n').join('; ')
}

/** Runs a program in a network of its own, with this one's standard streams; its exit code. */
export async function ownNetwork(command: readonly string[]): Promise<number> {
  const script = `${PREPARE} && exec "$@"`
  const child = spawn('unshare', [...UNSHARE, script, 'sh', ...command], {
    stdio: 'inherit',
    env: { ...process.env, [MARK]: '1' },
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => child.kill(signal))
  }
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

function ip(lines: readonly string[], namespace: string | null = null): void {
  const inside = namespace === null ? [] : ['-n', namespace]
  const input = `${lines.join('\n')}\n`
  const { status, stderr } = spawnSync('ip', [...inside, '-batch', '-'], {
    input,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`ip ${inside.join(' ')}: ${stderr}\n${input}`)
}

/** Ids from 1 to 253, in the network that this program has for itself. */
export class Namespaces {
  readonly #ids: readonly number[]

  constructor(ids: readonly number[]) {
    this.#ids = ids
    ip([
      ...['clients', 'peers'].flatMap((bridge) => [
        `link add ${bridge} type bridge`,
        `link set ${bridge} up`,
      ]),
      `addr add ${CLIENTS}.${OWN}/24 dev clients`,
    ])
    for (const id of ids) {
      const name = nameOf(id)
      ip([
        `netns add ${name}`,
        ...['clients', 'peers'].flatMap((bridge) => [
          `link add ${bridge}${id} type veth peer name ${bridge} netns ${name}`,
          `link set ${bridge}${id} master ${bridge} up`,
        ]),
      ])
      ip(
        [
          'link set lo up',
          `link set peers address ${stationOf(id)}`,
          `addr add ${CLIENTS}.${id}/24 dev clients`,
          `addr add ${PEERS}.${id}/24 dev peers`,
          'link set clients up',
          'link set peers up',
        ],
        name,
      )
    }
    this.heal()
  }

  /** For Ensemble.prepare. */
  hosts(id: number): { readonly peers: string; readonly clients: string } {
    return { peers: `${PEERS}.${id}`, clients: `${CLIENTS}.${id}` }
  }

  /** To be put before a server's program; it becomes that. */
  enter(id: number): readonly string[] {
    return ['ip', 'netns', 'exec', nameOf(id)]
  }

  /** Between this server and all others: connections break, and new ones are refused. */
  cut(id: number): void {
    for (const other of this.#others(id)) {
      for (const [from, to] of [
        [id, other],
        [other, id],
      ] as const) {
        ip([`route replace unreachable ${PEERS}.${to}/32`], nameOf(from))
        const kill = ['netns', 'exec', nameOf(from), 'ss', '-K', 'dst', `${PEERS}.${to}`]
        spawnSync('ip', kill, { stdio: 'ignore' })
      }
    }
  }

  /** The server hears nobody, or nobody hears it; or both. */
  silence(id: number, what: 'hears nobody' | 'is not heard' | 'both'): void {
    const others = this.#others(id)
    if (what !== 'hears nobody') this.#lose(id, others)
    if (what !== 'is not heard') for (const other of others) this.#lose(other, [id])
  }

  /** Two of them hear nothing of each other; the others are heard by both. */
  part(one: number, other: number): void {
    this.#lose(one, [other])
    this.#lose(other, [one])
  }

  heal(): void {
    for (const id of this.#ids) {
      const others = this.#others(id)
      ip(
        [
          `route flush type unreachable`,
          ...others.map((other) => neighbour(other, stationOf(other))),
        ],
        nameOf(id),
      )
    }
  }

  /** It goes with this process. */
  close(): void {}

  #lose(from: number, to: readonly number[]): void {
    ip(
      to.map((each) => neighbour(each, NOWHERE)),
      nameOf(from),
    )
  }

  #others(than: number): number[] {
    return this.#ids.filter((id) => id !== than)
  }
}

function nameOf(id: number): string {
  return `server${id}`
}

/** A server's address on the wire; all know each other's, so nobody asks. */
function stationOf(id: number): string {
  return `02:00:00:00:01:${id.toString(16).padStart(2, '0')}`
}

function neighbour(id: number, station: string): string {
  return `neigh replace ${PEERS}.${id} lladdr ${station} dev peers nud permanent`
}
