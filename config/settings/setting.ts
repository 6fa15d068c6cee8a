// What a setting is: a row of the table. Everything that is known about a setting is in its row,
// and everything else is derived from that: the options and their defaults, the names that are
// accepted or suggested, and the tables in docs/settings.md.
//
// To add a setting, write its type into the interface of a chapter (a file of this folder) and its row
// below it; the compiler asks for the second when it finds the first. Then use `options.<name>` where
// the row's `where` says, and run `npm run docs`.

import type { Kind } from './kinds.ts'

/** Where ZooKeeper looks for a setting:
 *
 *   file       a key of the configuration file alone
 *   property   a Java system property of exactly this name, which the file cannot reach
 *   both       the property `zookeeper.<key>`, which the file's `<key>` reaches */
export type Source = 'file' | 'property' | 'both'

/** Whose settings they are: every server's, or only those of an ensemble's members. A standalone
 * server checks the latter, and says that they have no effect. */
export type Scope = 'server' | 'ensemble'

export interface Setting<T> {
  /** ZooKeeper's name, without the `zookeeper.` of a property. The option's name is the same in our
   * spelling, with its unit (test/config/registry.test.ts). */
  readonly key: string
  readonly from: Source
  readonly kind: Kind<T>
  /** What counts if nothing is set: the text as it would be in the file, or a value and what
   * docs/settings.md says for it. */
  readonly default: string | { readonly value: T; readonly said: string }
  /** The folder or file that obeys it. */
  readonly where: string
  /** A line for operators, in Markdown. Empty if it does not deserve a row in docs/settings.md. */
  readonly meaning: string
  /** For a key of the file: how the property `zookeeper.<key>` is read, if there is one, too. */
  readonly asProperty?: Kind<T>
  /** Other full names of the property. The proper name has precedence. */
  readonly aliases?: readonly string[]
  /** What a member of an ensemble is told if it switches this on, or off. */
  readonly remark?: { readonly at: 'on' | 'off'; readonly text: string }
}

/** A row for each option. */
export type SettingsOf<Options> = { readonly [Name in keyof Options]-?: Setting<Options[Name]> }

export interface Chapter<Options, Inputs = unknown> {
  /** Its heading in docs/settings.md. */
  readonly title: string
  readonly scope: Scope
  /** What servers are given. Each becomes an option of the same name. */
  readonly options: SettingsOf<Options>
  /** What only the reading of the configuration needs. */
  readonly inputs: SettingsOf<Inputs>
  /** Rows of docs/settings.md for names that are not a single setting. */
  readonly more?: readonly { readonly key: string; readonly meaning: string }[]
}
