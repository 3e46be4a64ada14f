/** What one process asks another over its IPC channel. */
export interface Call {
  readonly call: number
  readonly method: string
  readonly args: readonly unknown[]
}

/** What came of a {@link Call}. */
export interface Answer {
  readonly call: number
  readonly value?: unknown
  readonly error?: string
}

/** What a process can be asked for. */
// oxlint-disable-next-line typescript/no-explicit-any -- any function: the caller's side is typed by the same interface
export type Methods = Readonly<Record<string, (...args: any[]) => unknown>>

/** Answers the calls of the process that started this one, and ends with it. */
export function answerCalls(methods: Methods): void {
  process.on('message', ({ call, method, args }: Call) => {
    const reply = (answer: Omit<Answer, 'call'>): void => void process.send?.({ call, ...answer })
    const asked = methods[method]
    if (asked === undefined) return reply({ error: `There is no ${method}() here.` })
    Promise.resolve(args)
      .then((given) => asked(...given))
      .then(
        (value) => reply({ value }),
        (error: unknown) => reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      )
  })
  process.on('disconnect', () => process.exit())
  process.send?.('ready')
}
