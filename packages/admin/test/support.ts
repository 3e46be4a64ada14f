import { type AdminOptions, createAdmin } from '@trunkline/admin'
import {
  createTrunkline,
  type ErrorContext,
  memory,
  type StoredEvent,
  type Trunkline,
  type TrunklineOptions,
} from '@trunkline/core'
import { onTestFinished } from 'vitest'

/** The pages of a trunkline, as somebody's browser has them: it keeps the cookie, and says where its requests come from. */
export interface Site {
  readonly trunkline: Trunkline
  readonly failures: readonly { readonly error: unknown; readonly stage: ErrorContext['stage'] }[]
  /** `path` is a query, as the links of the pages are. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  head(path: string): Promise<Response>
  /** The text of a page that has to be there. */
  page(path: string): Promise<string>
  /** Posts a form to a page, with the token that its own form has unless another is given. */
  post(path: string, fields?: Fields, headers?: Headers): Promise<Response>
  /** What the audit events say, newest first. */
  audits(): Promise<readonly unknown[]>
}

/** null takes one away that a browser would send. */
type Headers = Readonly<Record<string, string | null>>

export type Fields = Readonly<Record<string, string | readonly string[]>>

export interface SiteOptions extends Partial<AdminOptions> {
  readonly options?: Partial<TrunklineOptions<{}, never, unknown>>
  /** Where the pages are. */
  readonly mount?: string
}

export function createSite({ options = {}, mount = 'https://example.org/admin', ...admin }: SiteOptions = {}): Site {
  const failures: { error: unknown; stage: ErrorContext['stage'] }[] = []
  const trunkline = createTrunkline({
    ...memory(),
    onError: (error, { stage }) => void failures.push({ error, stage }),
    ...options,
  })
  onTestFinished(() => trunkline.stop({ graceMs: 0 }))
  const handler = createAdmin(trunkline, { authorize: () => ({ actor: 'ada@example.org' }), ...admin })
  let cookie = ''

  async function ask(
    path: string,
    init: Omit<RequestInit, 'headers'> & { headers?: Readonly<Record<string, string>> },
  ): Promise<Response> {
    const response = await handler(new Request(new URL(path, mount), { ...init, headers: { cookie, ...init.headers } }))
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
    return response
  }

  async function page(path: string): Promise<string> {
    const response = await ask(path, {})
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`)
    return text
  }

  return {
    trunkline,
    failures,
    get: (path, headers = {}) => ask(path, { headers }),
    head: (path) => ask(path, { method: 'HEAD' }),
    page,
    async post(path, fields: Fields = {}, headers: Headers = {}) {
      const body = new URLSearchParams()
      for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one)
      if (!body.has('token')) body.set('token', tokenIn(await page(path)))
      const sent = Object.entries({ 'sec-fetch-site': 'same-origin', ...headers }).filter(([, value]) => value !== null)
      return ask(path, { method: 'POST', body, headers: Object.fromEntries(sent) as Record<string, string> })
    },
    async audits() {
      const { events } = await trunkline.find({ type: 'trunkline.audit' })
      return events.map(({ detail }: StoredEvent) => detail)
    },
  }
}

/** The token in a page's forms. */
export function tokenIn(page: string): string {
  const [, token] = /name="token" value="([^"]+)"/.exec(page) ?? []
  if (token === undefined) throw new Error(`There is no form in ${page}`)
  return token
}
