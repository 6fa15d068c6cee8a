// Metrics of the bytes that clients read and write, by the first name of the path. They come from
// the sample of requests (runtime/top/traffic.ts).

import type { NamespaceUsage } from '../../top/traffic.ts'
import type { Family } from './family.ts'
import type { Sample } from './metric.ts'

export function namespaceFamilies({ source }: Sample): Family[] {
  const usages = [...(source.network.stats.traffic?.namespaces() ?? [])]
  const family = (
    name: string,
    help: string,
    count: (usage: NamespaceUsage) => number,
    sum: (usage: NamespaceUsage) => number,
  ): Family => ({
    name,
    help,
    type: 'summary',
    samples: usages.flatMap((usage) => [
      { suffix: '_count', labels: { key: usage.name }, value: count(usage) },
      { suffix: '_sum', labels: { key: usage.name }, value: sum(usage) },
    ]),
  })
  return [
    family(
      'read_per_namespace',
      'Bytes of replies to reads, by the first name of the path, from a sample',
      ({ readCount }) => readCount,
      ({ readBytes }) => readBytes,
    ),
    family(
      'write_per_namespace',
      'Bytes of writes, by the first name of the path, from a sample',
      ({ writeCount }) => writeCount,
      ({ writeBytes }) => writeBytes,
    ),
  ]
}
