// A node as the server shows it (runtime/console/tree/node-views.ts).

export interface Stat {
  readonly czxid: string
  readonly mzxid: string
  readonly pzxid: string
  readonly ctime: number
  readonly mtime: number
  readonly version: number
  readonly cversion: number
  readonly aversion: number
  readonly owner: string | null
  readonly dataLength: number
  readonly numChildren: number
}

export interface AclEntry {
  readonly scheme: string
  readonly id: string
  readonly perms: string
}

export interface Node {
  readonly path: string
  readonly stat: Stat
  readonly data: string | null
  readonly isWhole: boolean
  readonly dataProblem: string | null
  readonly acl: readonly AclEntry[] | null
  readonly aclProblem: string | null
}
