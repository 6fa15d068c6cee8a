// The shell against a server that answers what the test tells it to: dispatch, exit codes, history.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { complete } from '../../../client/shell/interactive.ts'
import { Shell } from '../../../client/shell/shell.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { EventType, OpCode } from '../../../protocol/op-code.ts'
import { readCreateRequest, writeCreateResponse } from '../../../protocol/records/create.ts'
import { writeGetChildren2Response } from '../../../protocol/records/get-children.ts'
import { readGetDataRequest, writeGetDataResponse } from '../../../protocol/records/get-data.ts'
import { readSetDataRequest, writeSetDataResponse } from '../../../protocol/records/set-data.ts'
import { FakeServer, type Script, STAT } from '../fake-server.ts'

const CONNECTED = ['\nWATCHER::', '\nWatchedEvent state:SyncConnected type:None path:null']
const CLOSED = ['\nWATCHER::', '\nWatchedEvent state:Closed type:None path:null']

const SERVER: Script = {
  onRequest(peer, { xid, type, body }) {
    if (type === OpCode.create) {
      const { path } = readCreateRequest(body)
      peer.reply(xid, 0, (writer) => writeCreateResponse(writer, { path }))
    } else if (type === OpCode.getData) {
      const { path } = readGetDataRequest(body)
      if (path === '/missing') peer.reply(xid, ErrorCode.noNode)
      else
        peer.reply(xid, 0, (w) => writeGetDataResponse(w, { data: Buffer.from('x'), stat: STAT }))
    } else if (type === OpCode.getChildren2) {
      const reply = { children: ['b', 'a', 'ab'], stat: STAT }
      peer.reply(xid, 0, (writer) => writeGetChildren2Response(writer, reply))
    } else if (type === OpCode.setData) {
      const { path } = readSetDataRequest(body)
      peer.notify(EventType.nodeDataChanged, path)
      peer.reply(xid, 0, (writer) => writeSetDataResponse(writer, { stat: STAT }))
    } else peer.reply(xid, 0)
  },
}

async function withShell(
  body: (shell: Shell, take: () => string[]) => Promise<void>,
): Promise<void> {
  const fake = await FakeServer.start(SERVER)
  const lines: string[] = []
  const write = (line: string): void => {
    lines.push(line)
  }
  const options = { sessionTimeoutMs: 9000, readOnly: false, waitForConnection: true }
  const shell = new Shell({ out: write, err: write }, options)
  await shell.connect(fake.address)
  try {
    await body(shell, () => lines.splice(0))
  } finally {
    shell.abandon()
    await fake.stop()
  }
}

test('commands print, fail and set the exit code', async () => {
  await withShell(async (shell, take) => {
    deepStrictEqual(take(), CONNECTED)
    await shell.executeLine('create /a "b c"')
    deepStrictEqual([take(), shell.exitCode], [['Created /a'], 0])
    await shell.executeLine('get /missing')
    deepStrictEqual([take(), shell.exitCode], [['Node does not exist: /missing'], 1])
    await shell.executeLine('ls /')
    deepStrictEqual([take(), shell.exitCode], [['[a, ab, b]'], 0])
    await shell.executeLine('ls')
    deepStrictEqual([take(), shell.exitCode], [['ls [-s] [-w] [-R] path'], 1])
    await shell.executeLine('nonsense')
    strictEqual(take().at(-1), 'Command not found: Command not found nonsense')
    strictEqual(shell.exitCode, 127)
  })
})

test('a command may have any length (CVE-2016-5017)', async () => {
  await withShell(async (shell, take) => {
    take()
    const long = 'a'.repeat(500_000)
    await shell.executeLine(`create /${long} ${long}`)
    deepStrictEqual([take(), shell.exitCode], [[`Created /${long}`], 0])
    await shell.executeLine(`${long} ${long}`)
    strictEqual(take().at(-1), `Command not found: Command not found ${long}`)
    await shell.executeLine(`ls ${'-s '.repeat(100_000)}/`)
    strictEqual(take()[0], '[a, ab, b]')
  })
})

test('watches print until printwatches is off', async () => {
  await withShell(async (shell, take) => {
    take()
    const lines = ['get -w /a', 'set /a 1', 'set /a 2', 'printwatches off', 'get -w /a', 'set /a 3']
    for (const line of [...lines, 'printwatches']) await shell.executeLine(line)
    deepStrictEqual(take(), [
      'x',
      '\nWATCHER::',
      '\nWatchedEvent state:SyncConnected type:NodeDataChanged path:/a',
      'x',
      'printwatches is off',
    ])
  })
})

test('history and redo', async () => {
  await withShell(async (shell, take) => {
    await shell.executeLine('create /a')
    await shell.executeLine('redo 0')
    await shell.executeLine('redo 7')
    await shell.executeLine('')
    take()
    await shell.executeLine('history')
    deepStrictEqual(take(), ['0 - create /a', '1 - create /a', '2 - redo 7', '3 - history'])
  })
})

test('close, connect, quit', async () => {
  await withShell(async (shell, take) => {
    take()
    await shell.executeLine('close')
    deepStrictEqual(take(), CLOSED)
    await shell.executeLine('ls /')
    deepStrictEqual(take(), ['Not connected'])
    await shell.executeLine('connect')
    deepStrictEqual(take(), CONNECTED)
    await shell.executeLine('get /missing')
    await shell.executeLine('quit')
    deepStrictEqual(take(), ['Node does not exist: /missing', ...CLOSED])
    strictEqual(shell.finished, true)
    strictEqual(shell.exitCode, 1)
  })
})

test('completion of commands and of paths', async () => {
  await withShell(async (shell) => {
    deepStrictEqual(await complete(shell, 'getA'), [['getAcl ', 'getAllChildrenNumber '], 'getA'])
    deepStrictEqual(await complete(shell, 'ls /x/a'), [['/x/a', '/x/ab'], '/x/a'])
    deepStrictEqual(await complete(shell, 'create /a '), [[], ''])
  })
})
