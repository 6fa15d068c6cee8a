// What a setting is: a row of the table. Everything that is known about a setting stands in its row,
// and everything that needs to be known is taken from there: the options and their defaults, the
// names that are accepted or suggested, the tables in README.md.
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

/** Whose settings they are: every server's, or those of an ensemble's members alone. A server on its
 * own checks the latter, and says that they do not matter to it. */
export type Scope = 'server' | 'ensemble'

export interface Setting<T> {
  /** ZooKeeper's name, without the `zookeeper.` of a property. The option's name is the same in our
   * spelling, with its unit (test/config/registry.test.ts). */
  readonly key: string
  readonly from: Source
  readonly kind: Kind<T>
  /** What counts when nothing is set: the text as it would stand in the file, or a value and what
   * README.md says in its place. */
  readonly default: string | { readonly value: T; readonly said: string }
  /** The folder or file that obeys it. */
  readonly where: string
  /** A line for operators, in Markdown. Empty for what is not worth a row in README.md. */
  readonly meaning: string
  /** Of a key of the file: how the property `zookeeper.<key>` is read, where there is one too. */
  readonly asProperty?: Kind<T>
  /** Other whole names of the property; the name proper has precedence. */
  readonly aliases?: readonly string[]
  /** Said to a member of an ensemble that switches it on, or off. */
  readonly remark?: { readonly at: 'on' | 'off'; readonly text: string }
}

/** A row for each option. */
export type SettingsOf<Options> = { readonly [Name in keyof Options]-?: Setting<Options[Name]> }

export interface Chapter<Options, Inputs = unknown> {
  /** Its heading in README.md. */
  readonly title: string
  readonly scope: Scope
  /** What servers are given: they become options of the same name. */
  readonly options: SettingsOf<Options>
  /** What only the reading of the configuration needs. */
  readonly inputs: SettingsOf<Inputs>
  /** Rows of README.md for names that are no single setting. */
  readonly more?: readonly { readonly key: string; readonly meaning: string }[]
}
