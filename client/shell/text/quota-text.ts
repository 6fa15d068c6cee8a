// The text of a quota and of its statistics, as the nodes under /zookeeper/quota hold it:
//
//   count=N,bytes=N                                              soft limits, or a count
//   count=N,bytes=N=;byteHardLimit=N;countHardLimit=N            with hard limits
//
// The stray equals sign belongs to the format. -1 is no limit. (StatsTrack.)

export interface Quota {
  count: number
  bytes: number
  /** Null if the text does not mention it, which is not the same text as -1. */
  countHardLimit: number | null
  byteHardLimit: number | null
}

export const NO_LIMIT = -1

export function parseQuota(text: string): Quota {
  const fields = new Map<string, number>()
  for (const pair of text.split(/[,;]+/)) {
    const [key, value] = pair.split('=')
    if (key === undefined || key === '') continue
    const number = Number(value)
    fields.set(key, value === undefined || value === '' || Number.isNaN(number) ? NO_LIMIT : number)
  }
  return {
    count: fields.get('count') ?? NO_LIMIT,
    bytes: fields.get('bytes') ?? NO_LIMIT,
    countHardLimit: fields.get('countHardLimit') ?? null,
    byteHardLimit: fields.get('byteHardLimit') ?? null,
  }
}

export function quotaText(quota: Quota): string {
  const soft = `count=${quota.count},bytes=${quota.bytes}`
  const hard: string[] = []
  if (quota.byteHardLimit !== null) hard.push(`;byteHardLimit=${quota.byteHardLimit}`)
  if (quota.countHardLimit !== null) hard.push(`;countHardLimit=${quota.countHardLimit}`)
  return hard.length === 0 ? soft : `${soft}=${hard.join('')}`
}
