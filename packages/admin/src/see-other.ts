import { headers } from './headers.ts'

/** To another page, after a form was sent: reloading that one repeats nothing. */
export function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { ...headers, location } })
}
