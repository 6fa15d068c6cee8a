// Numbers of a kind. Two kinds are never taken for each other, but a plain number may be given for
// either, because these numbers are only ever compared and looked up. What must not be a plain
// number (a zxid, a session id) has a brand of its own.

declare const kind: unique symbol

export type NumberKind<Name extends string> = number & { readonly [kind]?: Name }
