// The meters of every simulated server: nobody reads them.

import { MeterTable } from '../../../runtime/shared/meters.ts'

export const UNREAD_METERS: MeterTable = new MeterTable()
