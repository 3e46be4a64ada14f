import { Refusal } from './refusal.ts'

/*
 * What keeps another site from acting in the name of who visits it. Two locks, and both have to open: the browser says where a request
 * comes from, and the form carries a token that only a page of ours can have given it.
 *
 * The token is an HMAC of the actor, under a key that lives in a cookie: so it works in every process of a deployment without a secret
 * that they share. A neighbouring subdomain could plant such a cookie; the first lock is for that.
 */

const cookie = 'trunkline_admin'
const key = /^[A-Za-z0-9_-]{43}$/

/** The key of a browser, and the cookie that gives it one. */
export interface FormKey {
  readonly value: string
  /** The Set-Cookie header; null when the browser has it already. */
  readonly setCookie: string | null
}

/** The key that a request brought, or a new one. */
export function formKeyOf(request: Request): FormKey {
  const value = cookieOf(request)
  if (value !== null) return { value, setCookie: null }
  const fresh = base64url(crypto.getRandomValues(new Uint8Array(32)))
  const secure = new URL(request.url).protocol === 'https:' ? '; Secure' : ''
  // Lax, not Strict: whoever follows a link to an event would get a new key, and forms that are open in other tabs would be void.
  return { value: fresh, setCookie: `${cookie}=${fresh}; HttpOnly; SameSite=Lax${secure}` }
}

/** What a form of this actor in this browser carries. */
export async function formToken({ value }: FormKey, actor: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.sign('HMAC', await hmacKey(value), text(actor))))
}

/** @throws {Refusal} when the request is not of a page of ours, shown to this actor. */
export async function checkForgery(request: Request, token: string | null, actor: string): Promise<void> {
  if (!isSameOrigin(request))
    throw new Refusal(403, 'Only the admin pages themselves may do this, and the request came from elsewhere.')
  const value = cookieOf(request)
  const given = token === null ? null : fromBase64url(token)
  // verify() compares in constant time.
  if (value === null || given === null || !(await crypto.subtle.verify('HMAC', await hmacKey(value), given, text(actor)))) {
    throw new Refusal(
      403,
      'The form is not one that was shown to you, or it is too old. Go back, reload the page, and try again.',
    )
  }
}

function isSameOrigin({ headers, url }: Request): boolean {
  // Browsers send Sec-Fetch-Site to localhost and over HTTPS, and Origin with every POST. Who sends neither is no browser.
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  const host = URL.parse(headers.get('origin') ?? '')?.host
  return host !== undefined && host === (headers.get('host') ?? new URL(url).host)
}

function cookieOf({ headers }: Request): string | null {
  const pairs = (headers.get('cookie') ?? '').split(/; */)
  const value = pairs.find((pair) => pair.startsWith(`${cookie}=`))?.slice(cookie.length + 1)
  return value !== undefined && key.test(value) ? value : null
}

function hmacKey(value: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', text(value), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

function text(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(value)
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

function fromBase64url(value: string): Uint8Array<ArrayBuffer> | null {
  if (!key.test(value)) return null
  return Uint8Array.from(atob(value.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
}
