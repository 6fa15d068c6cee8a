// What a network loop is made of.

import type { AuditTrail } from '../audit/audit-trail.ts'
import type { LastHeardTable } from '../shared/last-heard.ts'
import type { HostClock } from '../thread/actor-host.ts'
import type { AdmissionOptions } from './input/admission.ts'
import type { InputHooks, InputOptions } from './input/client-input.ts'
import type { RefusalLog } from './input/refusals.ts'
import type { LoopRings } from './network-rings.ts'
import type { ServingOptions } from './server-mode.ts'
import type { ClientTransport } from './transport/client-transport.ts'

export interface NetworkOptions extends InputOptions, AdmissionOptions {
  /** Null on a standalone server. */
  readonly ensemble: ServingOptions | null
  readonly sessionlessCnxnTimeoutMs: number
  readonly sessionSecret: string | null
}

export interface NetworkParts extends Pick<InputHooks, 'command' | 'kerberos'> {
  readonly clock: HostClock
  readonly heard: LastHeardTable
  /** The loop's ends of the rings. */
  readonly rings: LoopRings
  readonly transport: ClientTransport
  readonly logger: RefusalLog
  readonly audit: AuditTrail | null
}
