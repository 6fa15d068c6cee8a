// Login configurations, as Java's parser reads them.

import { deepStrictEqual, ok, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { JaasError, type LoginSections, parseJaas } from '../../config/java/jaas.ts'

const DIGEST = 'org.apache.zookeeper.server.auth.DigestLoginModule'
const parse = (text: string): LoginSections =>
  parseJaas(text, (name) => (name === 'user.home' ? '/root' : undefined))

/** How a file names one. */
const property = (name: string): string => ['$', '{', name, '}'].join('')

/** The options of each section's modules. */
function optionsOf(text: string): Record<string, Record<string, string>[]> {
  return Object.fromEntries(
    [...parse(text)].map(([name, modules]) => [
      name,
      modules.map(({ options }) => Object.fromEntries(options)),
    ]),
  )
}

describe('a login configuration', () => {
  const server = (options: string): string => `Server { ${DIGEST} required ${options}; };`
  const GOOD: Readonly<
    Record<string, readonly [string, Record<string, Record<string, string>[]>]>
  > = {
    nothing: ['', {}],
    'nothing but comments': ['// a\n/* b\n c */ // d', {}],
    users: [
      server('user_super="adminsecret"\n  user_bob="b"'),
      { Server: [{ user_super: 'adminsecret', user_bob: 'b' }] },
    ],
    'letters that are escaped': [
      server('user_a="a\\"b\\\\c\\t\\101\\7" user_b=\'"\''),
      { Server: [{ user_a: 'a"b\\c\tA\x07', user_b: '"' }] },
    ],
    'no quotes': [
      server('debug=true storeKey = false'),
      { Server: [{ debug: 'true', storeKey: 'false' }] },
    ],
    'signs in quotes': [server('user_a="};//{="'), { Server: [{ user_a: '};//{=' }] }],
    'system properties': [
      server(`keyTab="${property('user.home')}${property('/')}a.keytab"`),
      { Server: [{ keyTab: '/root/a.keytab' }] },
    ],
    'an option twice: the last counts': [server('a=b a=c'), { Server: [{ a: 'c' }] }],
    'several sections and modules': [
      `A{a.B REQUIRED;c.D\noptional x=y;};\r\n"B c" { };`,
      { A: [{}, { x: 'y' }], 'B c': [] },
    ],
  }
  for (const [what, [text, expected]] of Object.entries(GOOD)) {
    test(`has ${what}`, () => deepStrictEqual(optionsOf(text), expected))
  }

  const BAD: Readonly<Record<string, readonly [text: string, line: number, problem: RegExp]>> = {
    'no section': ['{', 1, /a section's name is missing/],
    'no brace': ['Server', 1, /a \{ is missing/],
    'no end': [`Server {\n ${DIGEST} required;\n`, 3, /a login module's class, or \} is missing/],
    'no semicolon behind the section': [
      `Server { ${DIGEST} required; }\nB {};`,
      2,
      /a ; is missing/,
    ],
    'no semicolon behind the options': [
      `Server { ${DIGEST} required a="b" };`,
      1,
      /an option's name, or ;/,
    ],
    'no value': [server('a='), 1, /the value of a is missing/],
    'another flag': [`Server {\n${DIGEST} needed;};`, 2, /must be required, requisite/],
    'a quote that is not closed': [`\n${server('a="b')}\n`, 2, /does not end in its line/],
    'a comment that is not closed': ['/* a', 1, /a comment does not end/],
    'a sign that nobody knows': ['A { a.B required c=d,; };', 1, /"," must be quoted/],
    'a section twice': ['A {};\nA {};', 2, /a second section A/],
    'a property that is not there': [server(`a="${property('b')}"`), 1, /no system property b/],
  }
  for (const [what, [text, line, message]] of Object.entries(BAD)) {
    test(`may not have ${what}`, () => throws(() => parse(text), { line, message }))
  }

  test('that is wrong shows nobody a password', () => {
    for (const text of [
      server('user_a="sesame'),
      server('user_a="sesame", b'),
      server('user_a=sesame='),
    ]) {
      throws(
        () => parse(text),
        (error) => error instanceof JaasError && !error.message.includes('sesame'),
      )
    }
  })

  test('may end anywhere, and be of any size', () => {
    const text = `/* all */ ${server('user_a="b\\"c" d=e')}\n// end\nClient { ${DIGEST} required; };`
    const quietly = (one: string): void => {
      try {
        ok(parse(one) instanceof Map)
      } catch (error) {
        ok(error instanceof JaasError)
      }
    }
    for (let end = 0; end <= text.length; end++) quietly(text.slice(0, end))
    for (const sign of ['{', '"', '/*', '//', '\\', 'a', ' ', '\n', '${', '"x" ']) {
      quietly(sign.repeat(500_000))
      quietly(`A { ${DIGEST} required ${sign.repeat(500_000)}`)
    }
  })

  test('may be any text at all', () => {
    const word = fc.constantFrom(
      'A',
      '{',
      '}',
      ';',
      '=',
      '"x"',
      "'y'",
      '//',
      '/*',
      '*/',
      '\n',
      '\\',
      '"',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(' ')),
        ),
        (text) => {
          try {
            ok(parse(text) instanceof Map)
          } catch (error) {
            ok(error instanceof JaasError)
          }
        },
      ),
    )
  })
})
