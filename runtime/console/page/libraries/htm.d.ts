// What the page uses of htm.

interface Htm {
  bind<Made>(
    make: (...args: readonly unknown[]) => unknown,
  ): (parts: TemplateStringsArray, ...values: unknown[]) => Made
}

declare const htm: Htm

export { htm as default }
