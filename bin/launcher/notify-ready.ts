// Tells systemd that the server listens for clients (Type=notify). Its socket takes datagrams, which Node cannot
// send; systemd's own program can.

import { spawn } from 'node:child_process'

export function notifyReady(): void {
  const { NOTIFY_SOCKET: socket = '' } = process.env
  if (socket === '') return
  const child = spawn('systemd-notify', ['--ready'], { stdio: 'ignore' })
  child.on('error', (error) => process.stderr.write(`systemd is not told: ${error.message}\n`))
  child.unref()
}
