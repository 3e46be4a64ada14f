import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import { styleText } from 'node:util'

import { Interrupted } from './exit-codes.ts'

/** A stream that may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean }

/** What a run of the command is given: `process`'s, or a test's own. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}

/** The styles used here, named for what they say. */
export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan'

/** Where answers (stdout) and everything else (stderr) go: with colours and progress on a terminal, plain in a pipe. */
export class Terminal {
  readonly io: Io
  /** Aborted by Ctrl-C, and when the reader of stdout went away (`| head`). */
  readonly signal: AbortSignal
  readonly #gone = new AbortController()

  constructor(io: Io) {
    this.io = io
    this.signal = AbortSignal.any([io.signal, this.#gone.signal])
    // EPIPE: whoever read has enough. Other failures of an output cannot be told anywhere either.
    for (const stream of [io.stdout, io.stderr]) stream.on('error', () => this.#gone.abort())
  }

  /** Whether the reader of stdout went away. */
  get isGone(): boolean {
    return this.#gone.signal.aborted
  }

  /** Whether a person can be asked. */
  get isInteractive(): boolean {
    return this.io.stdin.isTTY === true && this.io.stderr.isTTY === true
  }

  /** Writes a line of the answer. Resolves when the stream took it, so that a slow reader slows us and fills no memory. */
  print(text: string): Promise<void> {
    return write(this.io.stdout, `${text}\n`)
  }

  printJson(value: unknown): Promise<void> {
    return this.print(JSON.stringify(value))
  }

  /** Says something beside the answer. */
  say(text: string): Promise<void> {
    return write(this.io.stderr, `${text}\n`)
  }

  /** Shows how far it is, in one line that is written over; only on a terminal. */
  progress(text: string): void {
    if (this.io.stderr.isTTY === true) this.io.stderr.write(`\r\u001b[K${text}`)
  }

  paint(style: Style, text: string): string {
    return paint(this.io.stdout, this.io.env, style, text)
  }

  paintAside(style: Style, text: string): string {
    return paint(this.io.stderr, this.io.env, style, text)
  }

  /** Asks a person; anything but y or yes is no. */
  async confirm(question: string): Promise<boolean> {
    const lines = createInterface({ input: this.io.stdin, output: this.io.stderr })
    const { promise: interrupted, reject } = Promise.withResolvers<never>()
    // While somebody types, a terminal gives Ctrl-C as a key, and no signal.
    lines.on('SIGINT', () => reject(new Interrupted()))
    const closed = once(lines, 'close').then(() => 'no')
    try {
      const answer = await this.untilInterrupted(Promise.race([lines.question(`${question} [y/N] `), interrupted, closed]))
      return /^y(es)?$/i.test(answer.trim())
    } finally {
      lines.close()
    }
  }

  /** The outcome of some work, or {@link Interrupted} as soon as it is. */
  async untilInterrupted<T>(work: Promise<T>): Promise<T> {
    const { signal } = this
    const { promise, reject } = Promise.withResolvers<never>()
    const interrupt = (): void => reject(new Interrupted())
    if (signal.aborted) interrupt()
    signal.addEventListener('abort', interrupt)
    try {
      return await Promise.race([work, promise])
    } finally {
      signal.removeEventListener('abort', interrupt)
    }
  }
}

/** Whether a stream takes colours: https://no-color.org, and FORCE_COLOR for those who want them in a pipe. */
export function hasColors({ isTTY }: Output, env: Io['env']): boolean {
  if (env['NO_COLOR']) return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return isTTY === true && env['TERM'] !== 'dumb'
}

function paint(stream: Output, env: Io['env'], style: Style, text: string): string {
  return hasColors(stream, env) ? styleText(style, text, { validateStream: false }) : text
}

function write(stream: Output, text: string): Promise<void> {
  // The callback comes with a failure as well, which is told by the event.
  return new Promise((resolve) => stream.write(text, () => resolve()))
}
