// What the mechanisms of SASL have in common, for those that carry their tokens.

/** The server's end of one exchange. */
export interface SaslServerMechanism {
  /** Who has been proven; null before that. */
  readonly user: string | null
  /** The answer to a client's token; null if there is none, which is not the same as an empty one.
   * Throws SaslError, after which the exchange is over. */
  evaluate(token: Uint8Array): Uint8Array | null
  /** Call this if the exchange is given up. */
  close(): void
}

/** The client's end of one exchange. */
export interface SaslClientMechanism {
  /** Whether the server has proven itself, and nothing of it is missing. */
  readonly isDone: boolean
  /** The response to a server's token; null if there is nothing to say. Throws SaslError. */
  evaluate(token: Uint8Array): Uint8Array | null
  /** Call this if the exchange is given up. */
  close(): void
}
