import type { HttpAnswer } from '@trunkline/core/http'
import type { AdapterSetup } from '@trunkline/testing'

import type { AdapterFault } from './broken-adapter.ts'

type Identified = ReturnType<AdapterSetup['identify']>

/** Loses a header of each answer. */
export function without(name: string): AdapterFault {
  return onHeaders((headers) => headers.delete(name))
}

/** Sets a header of each answer. */
export function withHeader(name: string, value: string): AdapterFault {
  return onHeaders((headers) => headers.set(name, value))
}

/** Loses a header of each request. */
export function withoutHeader(lost: string): AdapterFault {
  return { request: ({ header }) => ({ header: (name) => (name === lost ? null : header(name)) }) }
}

/** Loses an option. */
export function withoutSetting(name: keyof AdapterSetup['settings']): AdapterFault {
  return { setup: ({ settings }) => ({ settings: Object.fromEntries(Object.entries(settings).filter(([key]) => key !== name)) }) }
}

/** Gives every refusal the same status. */
export function statusOf(status: number): AdapterFault {
  return {
    answer: (answer) =>
      typeof answer.body === 'string' && answer.status >= 400 ? ({ ...answer, status } as HttpAnswer) : answer,
  }
}

/** Makes something else of what identify said. */
export function identifying(change: (answer: Identified) => Identified): AdapterFault {
  return { setup: ({ identify }) => ({ identify: (header) => change(identify(header)) }) }
}

/** Answers some requests without asking core. */
export function answersInstead(which: (native: Request) => boolean, status: number): AdapterFault {
  return { instead: (native) => (which(native) ? new Response(null, { status }) : null) }
}

/** Writes a chunk when the next one comes. */
export async function* holdingBack(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | undefined
  for await (const chunk of chunks) {
    if (held !== undefined) yield held
    held = chunk
  }
  if (held !== undefined) yield held
}

/** Loses the chunks with a text in them. */
export function dropping(text: string) {
  return async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) if (!Buffer.from(chunk).includes(text)) yield chunk
  }
}

function onHeaders(change: (headers: Headers) => void): AdapterFault {
  return {
    answer(answer) {
      change(answer.headers)
      return answer
    },
  }
}
