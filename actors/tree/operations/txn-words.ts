// Fields of records in the words of ZooKeeper's TxnLogToolkit.

import { type Acl, readAcls } from '../../../protocol/acl.ts'
import type { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { utf8 } from '../../../protocol/bytes/text.ts'

export function dataText(record: JuteReader): string {
  const data = record.buffer()
  return data === null ? '' : utf8(data, 0, data.length)
}

export function aclText(record: JuteReader): string {
  const acls = readAcls(record) ?? []
  // A record of Jute ends its line, wherever it stands.
  return `[${acls.map((acl) => `${oneAcl(acl)}\n`).join(', ')}]`
}

/** As Jute prints a list, for records that ZooKeeper's tool has no words of its own for. */
export function juteAclText(record: JuteReader): string {
  return (readAcls(record) ?? []).map((acl) => `s{${oneAcl(acl)}}`).join(',')
}

function oneAcl({ perms, id }: Acl): string {
  return `${perms},s{'${id.scheme},'${id.id}}`
}
