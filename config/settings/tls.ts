// Settings of TLS for clients, which is not there yet: what is said about them. Rows of settings that
// take effect will stand here, and their names leave the list below.

import type { MissingFeature } from '../names/missing-features.ts'
import { PORT } from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface TlsInputs {
  readonly secureClientPort: number | null
}

export const TLS: Chapter<unknown, TlsInputs> = {
  title: 'TLS',
  scope: 'server',
  options: {},
  inputs: {
    secureClientPort: {
      key: 'secureClientPort',
      from: 'file',
      kind: PORT,
      default: { value: null, said: '' },
      where: 'config',
      meaning: 'Not supported yet: a warning.',
    },
  },
}

export const MISSING_TLS: MissingFeature = {
  names: `
    secureClientPort secureClientPortAddress ssl. sslProvider client.portUnification
    client.certReload X509AuthenticationProvider.`,
  provider: '.X509AuthenticationProvider',
  asked: (values) =>
    values.has('secureClientPort') || values.get('client.portUnification') === 'true',
  problem: 'no client can connect by TLS yet',
}
