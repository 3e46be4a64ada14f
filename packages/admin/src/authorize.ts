import type { MaybePromise } from '@trunkline/core'

/** What somebody may do here. */
export interface Authorized {
  /** Who it is: what audit events say. */
  readonly actor: string
  /** Whether private data and idempotency keys are shown. Defaults to false. */
  readonly privateData?: boolean
  /** Whether everything that changes something is refused. Defaults to false. */
  readonly readOnly?: boolean
}

/** What createAdmin takes. */
export interface AdminOptions {
  /** Asked for every request. Anything but an actor is a no; so are throwing, and taking longer than five seconds. */
  readonly authorize: (request: Request) => MaybePromise<false | Authorized>
}

/** Who looks at a page. */
export type Viewer = Required<Authorized>

const limitMs = 5_000

/** Who sent the request, or null: nobody who may see anything. */
export async function viewerOf(
  request: Request,
  { authorize }: AdminOptions,
  report: (error: unknown) => void,
): Promise<Viewer | null> {
  try {
    return readViewer(await inTime(Promise.resolve(authorize(request))))
  } catch (error) {
    report(error)
    return null
  }
}

// Types are gone at run time: what is not clearly a yes is a no, and what is not clearly false makes read-only.
function readViewer(answer: unknown): Viewer | null {
  if (answer === false || answer === null || answer === undefined) return null
  const { actor, privateData, readOnly } = answer as Partial<Record<keyof Authorized, unknown>>
  if (typeof actor !== 'string' || actor === '') {
    throw new TypeError('authorize must answer false or { actor }, where actor is a non-empty string. Nobody was let in.')
  }
  return { actor, privateData: privateData === true, readOnly: readOnly !== undefined && readOnly !== false }
}

function inTime<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`authorize gave no answer within ${limitMs} ms, which is a no.`)), limitMs)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
