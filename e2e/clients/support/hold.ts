import type { ServerResponse } from 'node:http'

export interface HoldOptions {
  /** Looked at with each write; undefined for nowhere. */
  readonly before: () => string | undefined
  /** Told once, with the function that ends the connection in the middle of its body. */
  readonly onHold: (cut: () => void) => void
}

/** Stops an answer before a text: what stands before it arrives, and nothing after that. */
export function holdAt(response: ServerResponse, { before, onHold }: HoldOptions): void {
  const write = response.write.bind(response)
  let isHeld = false
  response.write = (chunk: Uint8Array | string, ...rest: unknown[]): boolean => {
    if (isHeld) return false
    const bytes = Buffer.from(chunk as Uint8Array) // of a text as well
    const text = before()
    const at = text === undefined ? -1 : bytes.indexOf(text)
    if (at === -1) return Reflect.apply(write, response, [chunk, ...rest]) as boolean
    isHeld = true
    write(bytes.subarray(0, at))
    // An end in order: a reset could overtake what was written.
    onHold(() => response.socket?.end())
    return false
  }
}
