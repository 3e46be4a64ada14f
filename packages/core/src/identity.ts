import type { UserId } from './event/names.ts'

/**
 * An opaque tag: equal for streams of one user, in every process and over every restart. By it tabs of one browser know that they may
 * share a connection, which an httpOnly cookie does not tell them. No secret: it is only ever told to its user.
 *
 * @example
 * scriptTag({ src: '/realtime/client.js', identity: await identityOf(session.userId) })
 */
export async function identityOf(userId: UserId | null): Promise<string> {
  if (userId === null) return 'anonymous'
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`trunkline:${userId}`))
  return Array.from(new Uint8Array(digest, 0, 12), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
