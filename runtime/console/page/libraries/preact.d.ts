// What the page uses of Preact. Its own types would bring those of the browser into the whole project.

export function h(...args: readonly unknown[]): unknown
export function render(view: unknown, into: unknown): void
