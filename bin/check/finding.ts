// What a check finds, and how it is printed.

/** `stops`: it does not start, or data is lost. `danger`: it runs, and will hurt one day. `note`: worth
 * knowing. */
export type Severity = 'stops' | 'danger' | 'note'

export interface Finding {
  readonly severity: Severity
  readonly what: string
  /** What to do about it. Empty: nothing. */
  readonly advice: string
}

export class Report {
  readonly findings: Finding[] = []
  /** Facts that are neither good nor bad: what was looked at, and what it is. */
  readonly facts: string[] = []

  fact(text: string): void {
    this.facts.push(text)
  }

  stops(what: string, advice: string = ''): void {
    this.findings.push({ severity: 'stops', what, advice })
  }

  danger(what: string, advice: string = ''): void {
    this.findings.push({ severity: 'danger', what, advice })
  }

  note(what: string, advice: string = ''): void {
    this.findings.push({ severity: 'note', what, advice })
  }

  /** 2 if something stops, 1 if something is dangerous, else 0. */
  get exitCode(): number {
    const has = (severity: Severity): boolean =>
      this.findings.some((finding) => finding.severity === severity)
    return has('stops') ? 2 : has('danger') ? 1 : 0
  }
}

const HEADS: Readonly<Record<Severity, string>> = {
  stops: 'STOPS',
  danger: 'DANGER',
  note: 'note',
}
const ORDER: readonly Severity[] = ['stops', 'danger', 'note']

export function reportText({ findings, facts }: Report): string {
  const lines = facts.map((fact) => `  ${fact}`)
  for (const severity of ORDER) {
    for (const { what, advice } of findings.filter((finding) => finding.severity === severity)) {
      lines.push(`${HEADS[severity]}: ${what}`)
      if (advice !== '') lines.push(`  ${advice}`)
    }
  }
  const [stops, dangers] = ORDER.map(
    (severity) => findings.filter((finding) => finding.severity === severity).length,
  )
  lines.push(
    stops === 0 && dangers === 0
      ? 'Nothing dangerous was found.'
      : `Found: ${stops} of STOPS, ${dangers} of DANGER.`,
  )
  return `${lines.join('\n')}\n`
}
