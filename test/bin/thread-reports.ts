// What a log says of each thread after SIGQUIT.

export interface Report {
  readonly thread: string
  readonly is: string
  readonly state: string
}

export function threadReports(log: string): Report[] {
  const lines = log.split('\n').filter((line) => line.endsWith('"msg":"thread report"}'))
  return lines.map((line) => JSON.parse(line) as Report)
}
