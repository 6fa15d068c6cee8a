// Server ids as Java reads them (Long.parseLong), in myid and in server, group and weight lines.

import { SERVER_ID } from '../../protocol/quorum/ranges.ts'

/** Completes the sentence "must be ...". */
export const SERVER_ID_ALLOWED: string = `a whole number from ${SERVER_ID.min} to ${SERVER_ID.max}`
/** With extended types, a session id that begins with 255 would mark a node with a time to live. */
export const EXTENDED_ID_MAX = 254
