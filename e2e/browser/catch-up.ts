import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** An answer as it goes over the wire, status line, headers and chunks included. */
export interface CatchUp {
  readonly length: number
  /** Where each frame begins and ends, `connected` first. */
  readonly frames: readonly { readonly from: number; readonly to: number }[]
}

/** Reads a catch-up of so many frames, byte by byte as a browser gets it. */
export async function readCatchUp(url: string, headers: Readonly<Record<string, string>>, frameCount: number): Promise<CatchUp> {
  const asked = request(url, { agent: false, headers: { connection: 'keep-alive', ...headers } })
  let raw = ''
  asked.once('socket', (socket: Socket) =>
    socket.prependListener('data', (chunk: Buffer) => void (raw += chunk.toString('latin1'))),
  )
  const [response] = (await once(asked.end(), 'response')) as [IncomingMessage]
  const frames = (): CatchUp['frames'] =>
    Array.from(raw.matchAll(/(?:event|id): [^]*?\n\n/g), ({ index, 0: { length } }) => ({ from: index, to: index + length }))
  while (frames().length < frameCount) await once(response, 'data')
  response.destroy()
  const found = frames().slice(0, frameCount)
  return { length: found.at(-1)?.to ?? 0, frames: found }
}
