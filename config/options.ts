// Every setting of a server in one frozen object: what zoo.cfg, system properties and flags come
// down to. Nothing reads a setting anywhere else. The settings stand in config/settings/; here is what
// they are put together to.

import type { EnsembleOptions } from './ensemble/ensemble.ts'
import { SERVER_DEFAULTS, type ServerSettings } from './settings/registry.ts'

export interface ServerOptions extends ServerSettings {
  /** Server id: the `myid` file's, 1 standalone. */
  readonly serverId: number
  /** Null for a server on its own. */
  readonly ensemble: EnsembleOptions | null
  /** The scheme `ensemble`: null when it is off; without names every client is right here. */
  readonly ensembleAuth: { readonly names: ReadonlySet<string> | null } | null
  readonly fourLetterWords: ReadonlySet<string>
}

export const DEFAULTS: ServerOptions = {
  ...SERVER_DEFAULTS,
  serverId: 1,
  ensemble: null,
  ensembleAuth: null,
  fourLetterWords: new Set(['srvr']),
}
