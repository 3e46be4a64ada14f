import type { MaybePromise, Trunkline } from '@trunkline/core'
import type { AdminDoor } from '@trunkline/core/admin'

import type { Viewer } from './authorize.ts'
import type { Html } from './html.ts'

/** One look at a page, by somebody who may. */
export interface Visit {
  readonly trunkline: Trunkline
  /** What the pages may and applications may not. */
  readonly door: AdminDoor
  readonly viewer: Viewer
  readonly request: Request
  /** Of the address. */
  readonly query: URLSearchParams
  /** Has to be in every form that posts: see {@link formStart}. */
  readonly token: string
  /** Whether they are (still) let in: for answers that go on for long. */
  isAuthorized(): Promise<boolean>
}

/** What a page shows. */
export interface View {
  readonly title: string
  /** Parts that come one after the other are sent as they come. */
  readonly content: Html | AsyncIterable<Html>
  /** Defaults to 200. */
  readonly status?: number
}

/** One page: a file in `pages/`, and a line in `pages/index.ts`. */
export interface Page {
  /** In the address, as `?page=<name>`. */
  readonly name: string
  /** In the navigation; left out: the page is reached from others. */
  readonly label?: string
  /** Not for those who may only look. Defaults to false. */
  readonly changes?: boolean
  get(visit: Visit): MaybePromise<View | Response>
  /** A form was sent, and is no forgery. Never called for those who may only look. */
  post?(visit: Visit, form: URLSearchParams): MaybePromise<View | Response>
}
