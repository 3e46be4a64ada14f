import type { Connectable } from '../connection/connect.ts'
import { refusalOf, refuse } from './refusal.ts'
import type { HttpAnswer, HttpRequest } from './types.ts'

/** Who acknowledges. */
interface Visitor<User> {
  readonly userId: string | null
  readonly user?: User | undefined
}

/**
 * `POST <mount>/acknowledge?status=read&id=…&id=…`: what a client says of events it got. In the query and not in a body, so that
 * `navigator.sendBeacon` can say it and no adapter has to read one. Answers `{"count"}`: how many of them are there and for this client.
 */
export async function acknowledge<User>(
  trunkline: Connectable<User>,
  request: HttpRequest<User>,
  { userId, user }: Visitor<User>,
  query: URLSearchParams,
  headers: Headers,
): Promise<HttpAnswer> {
  try {
    const said = await trunkline.acknowledge?.({
      userId,
      user,
      ids: query.getAll('id'),
      // Checked by core, as everything that anyone may send.
      status: query.get('status') as 'delivered' | 'read',
      get request() {
        return request.toRequest()
      },
    })
    headers.set('content-type', 'application/json; charset=utf-8')
    headers.set('cache-control', 'no-store')
    return { status: 200, headers, body: JSON.stringify({ count: said?.count ?? 0 }) }
  } catch (error) {
    const refusal = refusalOf(error, headers)
    if (refusal !== null) return refusal
    trunkline.report?.(error, { stage: 'track' })
    return refuse(500, 'internal', 'The server could not note it.', headers)
  }
}
