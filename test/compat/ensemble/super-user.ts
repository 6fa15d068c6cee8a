// The super user of ensembles that are reconfigured.

import { createHash } from 'node:crypto'

/** What it adds to a connection, with the scheme digest. */
export const SUPER = 'super:secret'

const DIGEST = createHash('sha1').update(SUPER).digest('base64')

/** The system property that makes it one. */
export const SUPER_PROPERTY: string = `zookeeper.DigestAuthenticationProvider.superDigest=super:${DIGEST}`
