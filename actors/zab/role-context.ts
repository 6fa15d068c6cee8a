// Puts together what a role is given: settings, neighbours, and what survives roles.

import type { ZabContext } from './context.ts'
import type { ZabNeighbours, ZabOptions } from './options.ts'

/** What a role is given that does not follow from the settings and the neighbours. */
type Own = Pick<
  ZabContext,
  | 'configs'
  | 'clock'
  | 'history'
  | 'epochs'
  | 'credit'
  | 'log'
  | 'report'
  | 'damaged'
  | 'whole'
  | 'giveUp'
  | 'giveUpSoon'
>

export function contextOf(options: ZabOptions, to: ZabNeighbours, own: Own): ZabContext {
  const { links, tree, sessions, journal, election: pulses } = to
  return {
    ...{ links, tree, sessions, journal, pulses },
    ...own,
    serverId: options.serverId,
    get membership() {
      return own.configs.membership
    },
    times: options,
    roomBytes: options.roomBytes,
    inTouch: (ms) => to.inTouch(ms),
    established: (epoch) => to.election.established(epoch),
  }
}
