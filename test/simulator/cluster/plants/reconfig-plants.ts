// Members that are broken on purpose where the membership changes.

import { Membership } from '../../../../actors/membership.ts'
import { Configurations } from '../../../../actors/zab/configurations.ts'
import { Zab } from '../../../../actors/zab/zab.ts'
import type { MembershipConfig } from '../../../../protocol/quorum/membership-config.ts'
import { ConfigFiles } from '../../../../runtime/disk/config-files.ts'
import { patched } from '../../plants/patch.ts'

export interface Plant {
  readonly name: string
  readonly caughtAs: RegExp
  readonly from: number
  readonly patch: () => () => void
}

const LOST =
  /was known|only .* have it|where .* was committed|elsewhere|two transactions|epoch \d+ of s\d|digest/

function ofOne(config: (of: Membership) => MembershipConfig): () => () => void {
  return () =>
    patched(Membership.prototype, 'isQuorum', (original) => {
      return function (this: Membership, servers) {
        if (this.next === null) return original.call(this, servers)
        return new Membership(config(this)).isQuorum(servers)
      }
    })
}

export const PLANTS: readonly Plant[] = [
  {
    name: 'the old configuration alone decides on the new one',
    caughtAs: LOST,
    from: 60,
    patch: ofOne(({ config }) => config),
  },
  {
    name: 'the new configuration alone decides on itself',
    caughtAs: LOST,
    from: 0,
    patch: ofOne(({ newest }) => newest),
  },
  {
    name: 'what others say is in force is not taken over',
    caughtAs: /never so/,
    from: 0,
    patch: () => patched(Zab.prototype, 'heardOf', () => () => undefined),
  },
  {
    name: 'what is cut off the log still counts',
    caughtAs: /never so|has .*, the last is/s,
    from: 75,
    patch: () => patched(Configurations.prototype, 'cut', () => () => undefined),
  },
  {
    name: '2865: members write different configurations',
    caughtAs: /file has/,
    from: 0,
    patch: forgettingFiles,
  },
]

/** Every fifth file is not written. */
function forgettingFiles(): () => void {
  let count = 0
  return patched(ConfigFiles.prototype, 'save', (original) => {
    return function (this: ConfigFiles, which, text) {
      if (++count % 5 !== 0) original.call(this, which, text)
    }
  })
}
