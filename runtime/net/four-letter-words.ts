// placeholder
import type { Server } from '../server.ts'
import type { CommandHandler } from './network-loop.ts'

export function fourLetterWords(_server: Server): CommandHandler {
  return () => null
}
