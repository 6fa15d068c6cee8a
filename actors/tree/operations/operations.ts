// Every operation, by its name in protocol/op-code.ts and by its code. An operation that is missing
// here, or is of another kind than its row there says, does not compile.

import {
  CodeTable,
  OPERATIONS,
  type OpCode,
  type OperationKind,
  type OperationName,
} from '../../../protocol/op-code.ts'
import { addWatch } from './add-watch.ts'
import { check } from './check.ts'
import { closeSession } from './close-session.ts'
import { create, create2, createContainer, createTTL } from './create.ts'
import { createSession } from './create-session.ts'
import { deleteContainer, deleteNode } from './delete.ts'
import { error } from './error.ts'
import { exists } from './exists.ts'
import { getACL } from './get-acl.ts'
import { getAllChildrenNumber } from './get-all-children-number.ts'
import { getChildren, getChildren2 } from './get-children.ts'
import { getChildrenPage } from './get-children-page.ts'
import { getData } from './get-data.ts'
import { getEphemerals } from './get-ephemerals.ts'
import { multiOf } from './multi.ts'
import { multiRead } from './multi-read.ts'
import type {
  OperationOf,
  PartOperation,
  ReadOperation,
  TransactionType,
  WriteOperation,
} from './operation.ts'
import { ping } from './ping.ts'
import { reconfig } from './reconfig.ts'
import { checkWatches, removeWatches } from './remove-watches.ts'
import { sasl } from './sasl.ts'
import { setACL } from './set-acl.ts'
import { setData } from './set-data.ts'
import { setWatches, setWatches2 } from './set-watches.ts'
import { sync } from './sync.ts'
import { whoAmI } from './who-am-i.ts'

const ALL: { readonly [N in OperationName]: OperationOf<(typeof OPERATIONS)[N]> } = {
  addWatch,
  /** The network loop handles it. */
  auth: null,
  check,
  checkWatches,
  closeSession,
  create,
  create2,
  createContainer,
  createSession,
  createTTL,
  delete: deleteNode,
  deleteContainer,
  error,
  exists,
  getACL,
  getAllChildrenNumber,
  getChildren,
  getChildren2,
  getChildrenPage,
  getData,
  getEphemerals,
  multi: multiOf(() => PARTS),
  multiRead,
  ping,
  reconfig,
  removeWatches,
  sasl,
  setACL,
  setData,
  setWatches,
  setWatches2,
  sync,
  whoAmI,
}

/** Operations answered from the tree. */
export const READS: CodeTable<ReadOperation> = byCode('read', 'sync')
/** Operations that a client may ask for and that become transactions. */
export const WRITES: CodeTable<WriteOperation> = byCode('write')
/** Operations that a multi may hold. */
export const PARTS: CodeTable<PartOperation> = new CodeTable(
  entries<PartOperation>('write', 'part').filter(([, operation]) => 'skip' in operation),
)
/** Every type of transaction. */
export const TRANSACTIONS: CodeTable<TransactionType> = byCode(
  'write',
  'part',
  'close',
  'internal',
  'mark',
)

/** The operations of these kinds. T is what they have in common. */
function byCode<T>(...kinds: readonly OperationKind[]): CodeTable<T> {
  return new CodeTable(entries<T>(...kinds))
}

function entries<T>(...kinds: readonly OperationKind[]): (readonly [OpCode, T])[] {
  const found = Object.entries(OPERATIONS).filter(([, { kind }]) => kinds.includes(kind))
  return found.map(([name, { code }]) => [code, ALL[name as OperationName] as T])
}
