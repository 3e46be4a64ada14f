import type { Scope, TrunklineEvent } from '@trunkline/core'

import { html, type Html } from './html.ts'
import { link } from './link.ts'

/** A time, to the millisecond, in UTC. */
export function time(iso: string): Html {
  return html`<time datetime="${iso}"
    >${iso.slice(0, 10)} <b>${iso.slice(11, 19)}</b><span class="soft">${iso.slice(19, 23)}</span></time
  >`
}

/** A scope, as a small coloured word. */
export function scopeTag(scope: Scope): Html {
  return html`<span class="tag ${scope}">${scope}</span>`
}

/** Whom an event is for, as a link to what else is. */
export function audience(event: TrunklineEvent): Html {
  const { scope, userId, channel } = event
  const name = channel ?? userId
  const params = channel === undefined ? { user: userId } : { channel }
  return html`${scopeTag(scope)} ${name !== undefined && html`<a class="value" href="${link('events', params)}">${name}</a>`}`
}

/** A value of JSON, for reading. Text that was published raw is no JSON and stands as it is. */
export function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2)
}

/** The beginning of a value, on one line. */
export function preview(value: unknown, length = 160): string {
  const text = JSON.stringify(value)
  return text.length <= length ? text : `${text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** A number with its thousands set apart. */
export function number(value: number): string {
  return value.toLocaleString('en')
}

/** `1 event`, `1,200 events`. */
export function events(count: number): string {
  return `${number(count)} ${count === 1 ? 'event' : 'events'}`
}
