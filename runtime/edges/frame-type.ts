// The type numbers of frames, one table. A frame's type says which message of its receiver's
// interface it carries; the edge files say how its arguments lie in header and payload.

export const FrameType = {
  // network
  serving: 1,
  connected: 2,
  reply: 3,
  event: 4,
  close: 5,
  released: 6,
  answer: 7,
  after: 8,
  passed: 9,
  // watches
  watch: 10,
  identities: 11,
  changed: 12,
  notify: 13,
  removeWatches: 14,
  closed: 15,
  query: 16,
  attached: 17,
  barrier: 18,
  watchResult: 19,
  // sessions
  connect: 20,
  sessionOpened: 21,
  sessionClosed: 22,
  // tree
  opened: 30,
  request: 31,
  authenticated: 32,
  snapshotTaken: 33,
  createSession: 34,
  attach: 35,
  refuse: 36,
  detach: 37,
  expire: 38,
  committed: 39,
  apply: 40,
  lead: 41,
  snapshotBegin: 42,
  snapshotPiece: 43,
  snapshotEnd: 44,
  replay: 45,
  recovered: 46,
  snapshotDue: 47,
  identified: 48,
  // zab
  loaded: 50,
  propose: 51,
  synced: 52,
  // log
  append: 60,
  snapshotSaved: 61,
  snapshotFailed: 62,
  alone: 63,
  // network, from the tree
  replyWatchResult: 70,
  // tree, from the log of a member of an ensemble
  snapshotNow: 80,
  // zab, in an ensemble
  forward: 100,
  revalidate: 101,
  validated: 102,
  sync: 103,
  touched: 104,
  elected: 105,
  settled: 106,
  // tree, in an ensemble
  follow: 110,
  idle: 111,
  sendSnapshot: 112,
  snapshotSent: 113,
  forwarded: 114,
  revalidation: 115,
  revalidated: 116,
  synchronized: 117,
  // sessions, in an ensemble
  reset: 120,
  touch: 121,
  // election
  look: 130,
  established: 131,
} as const
