// What systemd is told (Type=notify): that the server listens for clients, and with WatchdogSec= that the main
// loop still turns. Its socket takes datagrams, which Node cannot send; systemd's own program can.

import { spawn } from 'node:child_process'

/** Of the time after which systemd ends a service that has not been heard. */
const WATCHDOG_PART = 3
const MICROS_A_MS = 1000

/** Call it when clients can connect. From then on the watchdog is fed, if there is one. */
export function notifyReady(): void {
  notify('READY=1')
  const everyMs = watchdogMs(process.env, process.pid)
  if (everyMs !== null) setInterval(() => notify('WATCHDOG=1'), everyMs / WATCHDOG_PART).unref()
}

/** WatchdogSec= in milliseconds; null if nobody watches this process (sd_watchdog_enabled). */
export function watchdogMs(
  environment: Readonly<Record<string, string | undefined>>,
  pid: number,
): number | null {
  const { WATCHDOG_USEC: micros = '', WATCHDOG_PID: watched = `${pid}` } = environment
  if (watched !== `${pid}` || !/^[1-9]\d{0,15}$/.test(micros)) return null
  return Number(micros) / MICROS_A_MS
}

function notify(word: string): void {
  const { NOTIFY_SOCKET: socket = '' } = process.env
  if (socket === '') return
  const child = spawn('systemd-notify', [word], { stdio: 'ignore' })
  child.on('error', (error) => process.stderr.write(`systemd is not told: ${error.message}\n`))
  child.unref()
}
