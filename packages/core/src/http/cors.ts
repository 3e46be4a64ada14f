import { TrunklineError } from '../errors.ts'
import type { Cors } from './types.ts'

/** Puts on `headers` what the Fetch standard's CORS protocol asks for, when the origin may read. */
export async function allowOrigin(cors: Cors | false | undefined, origin: string | null, headers: Headers): Promise<boolean> {
  if (!cors) return false
  // A cache must not give one origin's answer to another.
  if (cors.origins !== '*') headers.append('vary', 'Origin')
  if (origin === null || !(await isAllowed(cors, origin))) return false
  // Without it a page's own code cannot read when it should come back, and whose stream it is.
  headers.set('access-control-expose-headers', 'retry-after, trunkline-identity')
  headers.set('access-control-allow-origin', cors.origins === '*' ? '*' : origin)
  if (cors.credentials === true) headers.set('access-control-allow-credentials', 'true')
  return true
}

/** The answer to a preflight, beside {@link allowOrigin}'s headers. */
export function allowPreflight(
  { headers: allowed = ['authorization'], maxAgeS = 7_200 }: Cors,
  methods: string,
  headers: Headers,
): void {
  headers.set('access-control-allow-methods', methods)
  if (allowed.length > 0) headers.set('access-control-allow-headers', ['last-event-id', ...allowed].join(', '))
  headers.set('access-control-max-age', String(maxAgeS))
}

/** @throws {TrunklineError} `invalid_options` */
export function checkCors(cors: Cors | false | undefined): void {
  if (cors && cors.origins === '*' && cors.credentials === true) {
    throw new TrunklineError(
      'invalid_options',
      "cors: credentials need named origins, '*' would let every site read as the user. List the origins.",
    )
  }
}

async function isAllowed({ origins }: Cors, origin: string): Promise<boolean> {
  if (origins === '*') return true
  if (typeof origins !== 'function') return origins.includes(origin)
  const answer: unknown = await origins(origin)
  // Only a true is a yes.
  return answer === true
}
