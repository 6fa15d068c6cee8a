// Settings of the HTTP admin server, which is not there yet: what is said about them.

import type { MissingFeature } from '../names/missing-features.ts'

export const MISSING_ADMIN: MissingFeature = {
  names: 'admin.',
  asked: (values) => values.get('admin.enableServer') !== 'false',
  problem: 'there is no HTTP admin server yet',
}
