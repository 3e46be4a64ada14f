import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import * as v from 'valibot'

import { nameSchema } from './events.ts'
import { Refusal } from './refusal.ts'

/** Who is chatting. The name may be anybody's; the id is random, known to that browser alone, and never sent to others. */
export interface Person {
  readonly id: string
  readonly name: string
}

const cookie = 'chat_person'
const yearS = 31_536_000
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Makes a person of a chosen name. */
export function createPerson(name: string | null): Person {
  const { success, output, issues } = v.safeParse(nameSchema, name)
  if (!success) throw new Refusal(400, 'invalid_name', issues[0].message)
  return { id: randomUUID(), name: output }
}

/** Who sent the request; null for somebody without a name, or with a cookie that is not one of ours. */
export function personOf({ headers }: IncomingMessage): Person | null {
  return personWith(headers.cookie ?? null)
}

/** Who has this Cookie header. */
export function personWith(header: string | null): Person | null {
  // RFC 6265, 4.2.1. Cookies know no ports, so both processes of the demo see the same person.
  for (const pair of (header ?? '').split(/; */)) {
    if (pair.startsWith(`${cookie}=`)) return parse(pair.slice(cookie.length + 1))
  }
  return null
}

/** The Set-Cookie header that makes the browser remember. Behind HTTPS it would be Secure as well. */
export function cookieFor({ id, name }: Person): string {
  return `${cookie}=${id}.${encodeURIComponent(name)}; Path=/; Max-Age=${yearS}; HttpOnly; SameSite=Lax`
}

export const forgetCookie = `${cookie}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`

function parse(value: string): Person | null {
  const id = value.slice(0, 36)
  if (!uuid.test(id) || value[36] !== '.') return null
  try {
    const name = v.safeParse(nameSchema, decodeURIComponent(value.slice(37)))
    return name.success ? { id, name: name.output } : null
  } catch {
    // Not percent-encoded: somebody else's cookie.
    return null
  }
}
