// Every record is written and read back; cut short anywhere it is malformed, never misread. Where only
// one side has a codec, for the server reads and writes bytes without one, the other is written here.

import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { readAcls, writeAcls } from '../../../protocol/acl.ts'
import { JuteReader, MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import * as addWatch from '../../../protocol/records/add-watch.ts'
import * as auth from '../../../protocol/records/auth-packet.ts'
import * as connect from '../../../protocol/records/connect.ts'
import * as create from '../../../protocol/records/create.ts'
import * as remove from '../../../protocol/records/delete.ts'
import * as exists from '../../../protocol/records/exists.ts'
import * as getAcl from '../../../protocol/records/get-acl.ts'
import * as childrenNumber from '../../../protocol/records/get-all-children-number.ts'
import * as getChildren from '../../../protocol/records/get-children.ts'
import * as getData from '../../../protocol/records/get-data.ts'
import * as getEphemerals from '../../../protocol/records/get-ephemerals.ts'
import * as header from '../../../protocol/records/header.ts'
import * as multi from '../../../protocol/records/multi.ts'
import { readMultiParts } from '../../../protocol/records/multi-header.ts'
import * as multiRead from '../../../protocol/records/multi-read.ts'
import * as reconfig from '../../../protocol/records/reconfig.ts'
import * as removeWatches from '../../../protocol/records/remove-watches.ts'
import * as setAcl from '../../../protocol/records/set-acl.ts'
import * as setData from '../../../protocol/records/set-data.ts'
import * as setWatches from '../../../protocol/records/set-watches.ts'
import { readStrings } from '../../../protocol/records/strings.ts'
import * as sync from '../../../protocol/records/sync.ts'
import * as watcherEvent from '../../../protocol/records/watcher-event.ts'
import * as whoAmI from '../../../protocol/records/who-am-i.ts'
import { sessionIdOf } from '../../../protocol/session-id.ts'
import { type Stat, writeStat } from '../../../protocol/stat.ts'
import { zxidOf } from '../../../protocol/zxid.ts'

const DATA = Uint8Array.of(0, 1, 0xff)
const ACL = [
  { perms: 31, id: { scheme: 'world', id: 'anyone' } },
  { perms: 1, id: { scheme: 'ip', id: '10.0.0.0/8' } },
]
const STAT: Stat = {
  czxid: zxidOf(1, 2),
  mzxid: zxidOf(1, 0xffff_fffe | 0),
  ctime: 1_700_000_000_000,
  mtime: 1_700_000_000_001,
  version: 3,
  cversion: -4,
  aversion: 5,
  ephemeralOwner: -(2n ** 63n),
  dataLength: 3,
  numChildren: 0,
  pzxid: zxidOf(0, 9),
}
const CREATE = { path: '/a/é', data: DATA, acl: ACL, flags: 3 }
const WATCHES = {
  relativeZxid: zxidOf(2, 7),
  dataWatches: ['/d'],
  existWatches: [],
  childWatches: ['/c', '/c2'],
  persistentWatches: [],
  persistentRecursiveWatches: [],
}
const CONNECT = {
  protocolVersion: 0,
  lastZxidSeen: zxidOf(1, 1),
  timeoutMs: 30_000,
  sessionId: sessionIdOf(0xff00_0000_0000_0001n),
  password: new Uint8Array(16).fill(7),
  readOnly: null,
}
const CONNECTED = {
  protocolVersion: 0,
  timeoutMs: 4000,
  sessionId: sessionIdOf(1n),
  password: new Uint8Array(16),
  readOnly: null,
}

function readPath(reader: JuteReader): { path: string } {
  return { path: reader.text() }
}

function check<T>(
  name: string,
  value: T,
  write: (writer: JuteWriter, value: T) => void,
  read: (reader: JuteReader) => T,
  bytes: number | null = null,
): void {
  test(name, () => {
    const writer = new JuteWriter(1)
    write(writer, value)
    const encoded = writer.finish()
    if (bytes !== null) strictEqual(encoded.length, bytes)
    const reader = new JuteReader(encoded)
    deepStrictEqual(read(reader), value)
    strictEqual(reader.remaining, 0)
    // An optional last byte aside, nothing that is cut short can be read.
    const optional = encoded.length === 45 || encoded.length === 37 ? 1 : 0
    for (let end = 0; end < encoded.length - optional; end++) {
      throws(() => read(new JuteReader(encoded, 0, end)), MalformedError)
    }
  })
}

check('ConnectRequest, old', CONNECT, connect.writeConnectRequest, connect.readConnectRequest, 44)
check(
  'ConnectRequest',
  { ...CONNECT, readOnly: true },
  connect.writeConnectRequest,
  connect.readConnectRequest,
  45,
)
check(
  'ConnectResponse, old',
  CONNECTED,
  connect.writeConnectResponse,
  connect.readConnectResponse,
  36,
)
check(
  'ConnectResponse',
  { ...CONNECTED, readOnly: false },
  connect.writeConnectResponse,
  connect.readConnectResponse,
  37,
)
check(
  'RequestHeader',
  { xid: -4, type: 100 },
  header.writeRequestHeader,
  header.readRequestHeader,
  header.REQUEST_HEADER_BYTES,
)
check(
  'ReplyHeader',
  { xid: 1, zxid: zxidOf(-1, -1), err: -101 },
  header.writeReplyHeader,
  header.readReplyHeader,
  header.REPLY_HEADER_BYTES,
)
check('CreateRequest', CREATE, create.writeCreateRequest, create.readCreateRequest)
check(
  'CreateRequest, nothing in it',
  { path: '', data: null, acl: null, flags: 0 },
  create.writeCreateRequest,
  create.readCreateRequest,
  16,
)
check(
  'CreateTTLRequest',
  { ...CREATE, ttlMs: 0xff_ffff_ffff },
  create.writeCreateTtlRequest,
  create.readCreateTtlRequest,
)
check('CreateResponse', { path: '/a' }, create.writeCreateResponse, create.readCreateResponse)
check(
  'Create2Response',
  { path: '/a', stat: STAT },
  (writer, { path, stat }) => {
    writer.string(path)
    writeStat(writer, stat)
  },
  create.readCreate2Response,
  6 + 68,
)
const versioned = { path: '/a', version: -1 }
check('DeleteRequest', versioned, remove.writeDeleteRequest, remove.readDeleteRequest)
const watched = { path: '/a', watch: true }
check('ExistsRequest', watched, exists.writeExistsRequest, getData.readGetDataRequest)
check('ExistsResponse', { stat: STAT }, exists.writeExistsResponse, exists.readExistsResponse, 68)
check('GetDataRequest', watched, getData.writeGetDataRequest, getData.readGetDataRequest)
check(
  'GetDataResponse',
  { data: DATA, stat: STAT },
  getData.writeGetDataResponse,
  getData.readGetDataResponse,
)
check(
  'SetDataRequest',
  { path: '/a', data: null, version: 2 },
  setData.writeSetDataRequest,
  setData.readSetDataRequest,
)
check('SetDataResponse', { stat: STAT }, setData.writeSetDataResponse, setData.readSetDataResponse)
check('GetACLRequest', { path: '/' }, getAcl.writeGetAclRequest, readPath)
check(
  'GetACLResponse',
  { acl: ACL, stat: STAT },
  (writer, { acl, stat }) => {
    writeAcls(writer, acl)
    writeStat(writer, stat)
  },
  getAcl.readGetAclResponse,
)
check(
  'SetACLRequest',
  { path: '/', acl: ACL, version: -1 },
  setAcl.writeSetAclRequest,
  (reader) => ({ path: reader.text(), acl: readAcls(reader), version: reader.int() }),
)
check('SetACLResponse', { stat: STAT }, exists.writeExistsResponse, setAcl.readSetAclResponse)
check(
  'GetChildrenRequest',
  watched,
  getChildren.writeGetChildrenRequest,
  getChildren.readGetChildrenRequest,
)
check(
  'GetChildrenResponse',
  { children: ['b', 'a'] },
  getChildren.writeGetChildrenResponse,
  (reader) => ({ children: readStrings(reader) }),
)
check(
  'GetChildren2Response',
  { children: [], stat: STAT },
  getChildren.writeGetChildren2Response,
  getChildren.readGetChildren2Response,
  4 + 68,
)
check('SyncRequest', { path: '/a' }, sync.writeSyncRequest, sync.readSyncRequest)
check('SyncResponse', { path: '/a' }, sync.writeSyncResponse, sync.readSyncRequest)
check('SetWatches', WATCHES, setWatches.writeSetWatches, setWatches.readSetWatches)
check(
  'SetWatches2',
  { ...WATCHES, persistentWatches: ['/p'], persistentRecursiveWatches: ['/r'] },
  setWatches.writeSetWatches2,
  setWatches.readSetWatches2,
)
check('AddWatchRequest', { path: '/a', mode: 1 }, addWatch.writeAddWatchRequest, (reader) => ({
  path: reader.text(),
  mode: reader.int(),
}))
check(
  'ErrorResponse',
  { err: 0 },
  addWatch.writeErrorResponse,
  (reader) => ({ err: reader.int() }),
  4,
)
const typed = { path: '/a', type: 3 }
check('RemoveWatchesRequest', typed, removeWatches.writeRemoveWatchesRequest, (reader) => ({
  path: reader.text(),
  type: reader.int(),
}))
check(
  'GetEphemeralsRequest',
  { prefixPath: '/' },
  getEphemerals.writeGetEphemeralsRequest,
  getEphemerals.readGetEphemeralsRequest,
)
check(
  'GetEphemeralsResponse',
  { ephemerals: ['/e'] },
  getEphemerals.writeGetEphemeralsResponse,
  getEphemerals.readGetEphemeralsResponse,
)
check(
  'GetAllChildrenNumberRequest',
  { path: '/' },
  childrenNumber.writeGetAllChildrenNumberRequest,
  readPath,
)
check(
  'GetAllChildrenNumberResponse',
  { totalNumber: 7 },
  childrenNumber.writeGetAllChildrenNumberResponse,
  childrenNumber.readGetAllChildrenNumberResponse,
  4,
)
check(
  'WhoAmIResponse',
  { clientInfo: [{ authScheme: 'ip', user: '127.0.0.1' }] },
  whoAmI.writeWhoAmIResponse,
  whoAmI.readWhoAmIResponse,
)
check(
  'AuthPacket',
  { type: 0, scheme: 'digest', auth: DATA },
  auth.writeAuthPacket,
  auth.readAuthPacket,
)
check('GetSASLRequest', { token: DATA }, auth.writeSaslToken, (reader) => ({
  token: reader.buffer(),
}))
check(
  'WatcherEvent',
  { type: 3, state: 3, path: '/a' },
  watcherEvent.writeWatcherEvent,
  watcherEvent.readWatcherEvent,
)
check(
  'ReconfigRequest',
  { joiningServers: 'server.4=a:1:2;3', leavingServers: null, newMembers: null, curConfigId: -1 },
  reconfig.writeReconfigRequest,
  reconfig.readReconfigRequest,
)
check<multi.MultiOp[]>(
  'MultiRequest',
  [
    { type: OpCode.create, request: CREATE },
    { type: OpCode.create2, request: CREATE },
    { type: OpCode.createContainer, request: { ...CREATE, flags: 4 } },
    { type: OpCode.createTTL, request: { ...CREATE, flags: 5, ttlMs: 10 } },
    { type: OpCode.delete, request: versioned },
    { type: OpCode.setData, request: { path: '/a', data: DATA, version: 1 } },
    { type: OpCode.check, request: versioned },
  ],
  multi.writeMultiRequest,
  multi.readMultiRequest,
)
check<multi.MultiResult[]>(
  'MultiResponse',
  [
    { type: OpCode.create, path: '/a' },
    { type: OpCode.create2, path: '/a', stat: STAT },
    { type: OpCode.setData, stat: STAT },
    { type: OpCode.delete },
    { type: OpCode.check },
    { type: OpCode.error, err: -2 },
  ],
  multi.writeMultiResponse,
  multi.readMultiResponse,
)
check<multi.MultiOp[]>(
  'MultiRequest, empty',
  [],
  multi.writeMultiRequest,
  multi.readMultiRequest,
  9,
)
check<multiRead.MultiReadOp[]>(
  'MultiReadRequest',
  [
    { type: OpCode.getData, request: watched },
    { type: OpCode.getChildren, request: watched },
  ],
  multiRead.writeMultiReadRequest,
  (reader) =>
    readMultiParts(
      reader,
      (type) => ({ type, request: getData.readGetDataRequest(reader) }) as never,
    ),
)
check<multiRead.MultiReadResult[]>(
  'MultiReadResponse',
  [
    { type: OpCode.getData, data: DATA, stat: STAT },
    { type: OpCode.getChildren, children: ['a'] },
    { type: OpCode.error, err: -101 },
  ],
  multiRead.writeMultiReadResponse,
  multiRead.readMultiReadResponse,
)

test('the wire form of a request is ZooKeeper’s', () => {
  const writer = new JuteWriter()
  header.writeRequestHeader(writer, { xid: 1, type: OpCode.getData })
  getData.writeGetDataRequest(writer, { path: '/a', watch: true })
  strictEqual(Buffer.from(writer.finish()).toString('hex'), '0000000100000004000000022f6101')
})

test('a multi refuses reads', () => {
  const writer = new JuteWriter()
  multiRead.writeMultiReadRequest(writer, [{ type: OpCode.getData, request: watched }])
  throws(() => multi.readMultiRequest(new JuteReader(writer.finish())), MalformedError)
})

test('a vector cannot claim more items than there are bytes', () => {
  const writer = new JuteWriter()
  writer.int(0x7fff_ffff)
  throws(() => readStrings(new JuteReader(writer.finish())), MalformedError)
})

test('null vectors and a null prefix read as empty', () => {
  const nothing = Uint8Array.of(0xff, 0xff, 0xff, 0xff)
  deepStrictEqual(readStrings(new JuteReader(nothing)), [])
  deepStrictEqual(getEphemerals.readGetEphemeralsRequest(new JuteReader(nothing)), {
    prefixPath: '',
  })
})
