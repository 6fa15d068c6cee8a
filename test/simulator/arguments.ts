// What npm run simulate is asked for.

import { parseArgs } from 'node:util'

export const HELP = `npm run simulate -- [--server | --cluster | --reconfig] [--seeds N] [--from S]
npm run simulate -- [--server | --cluster | --reconfig] --seed S [--trace]

  --server, --cluster  only a server on its own, or only ensembles; else both in turn
  --reconfig           only ensembles whose members change
  --seeds N            how many seeds (default 200)
  --from S             the first of them (default 0)
  --seed S             runs this seed, and says how it ended
  --trace              with --seed: prints what happened
`
export const HELP_HINT = '\nnpm run simulate -- --help says what there is.\n'

export type Kind = 'server' | 'cluster' | 'reconfig'

const KINDS: readonly Kind[] = ['server', 'cluster', 'reconfig']

export interface SimulateRequest {
  readonly kinds: readonly Kind[]
  readonly seeds: number
  readonly from: number
  /** Only this one; null for many. */
  readonly seed: number | null
  readonly trace: boolean
}

/** Else HELP, or what is wrong. */
export function parseSimulate(args: readonly string[]): SimulateRequest | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string', default: '200' },
        from: { type: 'string', default: '0' },
        seed: { type: 'string' },
        server: { type: 'boolean', default: false },
        cluster: { type: 'boolean', default: false },
        reconfig: { type: 'boolean', default: false },
        trace: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) return HELP
    const { trace, seed } = values
    const asked = KINDS.filter((kind) => values[kind])
    return {
      kinds: asked.length === 0 ? ['server', 'cluster'] : asked,
      seeds: wholeNumber('seeds', values.seeds),
      from: wholeNumber('from', values.from),
      seed: seed === undefined ? null : wholeNumber('seed', seed),
      trace,
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number
  throw new Error(`--${option} ${text}: must be a whole number`)
}
