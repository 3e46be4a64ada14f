import { type StoredEvent, type Tracked, keysOf } from '@trunkline/core'

import { html, type Html, type Part } from '../html.ts'
import { link } from '../link.ts'
import { isOwn } from '../own.ts'
import type { Page, Visit } from '../page.ts'
import { Refusal } from '../refusal.ts'
import { headers } from '../headers.ts'
import { pretty, scopeTag, time } from '../show.ts'
import { statusTag, timeline } from '../timeline.ts'

/** One event: all that is known of it. With `as=json`, as JSON. */
export const eventPage: Page = {
  name: 'event',
  async get(visit) {
    const id = visit.query.get('id') ?? ''
    const event = await visit.trunkline.get(id)
    if (event === null) throw new Refusal(404, `No stored event has the id ${JSON.stringify(id)}. It may have been pruned.`)
    if (visit.query.get('as') === 'json') {
      return new Response(pretty(visible(visit, event)), {
        headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
      })
    }
    const tracked = visit.trunkline.tracking === true ? await visit.trunkline.activities(id) : null
    return { title: event.type, content: content(visit, event, tracked) }
  },
}

function content(visit: Visit, event: StoredEvent, tracked: Tracked | null): Html {
  return html`<p class="back"><a href="${link('events')}">‹ Events</a></p>
    <div class="head">
      <h1 class="value">${event.type}</h1>
      <div class="row">
        <a class="button quiet" href="${link('event', { id: event.id, as: 'json' })}" data-copy="event-json">Copy as JSON</a>
        ${!visit.viewer.readOnly && !isOwn(event) && html`<a class="button" href="${link('replay', { id: event.id })}">Replay …</a>`}
      </div>
    </div>
    <pre id="event-json" hidden>${pretty(visible(visit, event))}</pre>
    <dl class="card facts">${facts(visit, event, tracked)}</dl>
    <section class="card">
      <h2>Detail</h2>
      ${code(event.detail)}
    </section>
    ${privateData(visit, event)} ${tracked !== null && timeline(event, tracked)}`
}

function facts({ viewer }: Visit, event: StoredEvent, tracked: Tracked | null): Part {
  const { id, scope, userId, channel, cursor, createdAt, type, idempotencyKey } = event
  const entity = keysOf(event)[1]?.slice(type.length + 1)
  return [
    fact('Created', time(createdAt)),
    fact('Scope', scopeTag(scope)),
    userId !== undefined && fact('User', html`<a href="${link('events', { user: userId })}">${userId}</a>`),
    channel !== undefined && fact('Channel', html`<a href="${link('events', { channel })}">${channel}</a>`),
    entity !== undefined && fact('Entity id', html`<a href="${link('events', { entity })}">${entity}</a>`),
    tracked !== null && fact('Status', statusTag(tracked.status)),
    fact('Type', html`<a href="${link('events', { type })}">${type}</a>`),
    fact('Id', html`<span class="mono">${id}</span>`),
    fact('Cursor', html`<span class="mono">${cursor}</span>`),
    viewer.privateData &&
      idempotencyKey !== undefined &&
      fact('Idempotency key', html`<span class="mono">${idempotencyKey}</span>`),
  ]
}

function fact(name: string, value: Html): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`
}

function privateData({ viewer }: Visit, event: StoredEvent): Part {
  if (event.privateData === undefined) return null
  return html`<section class="card">
    <div class="head">
      <h2>Private data</h2>
      <span class="tag">never sent to browsers</span>
    </div>
    ${viewer.privateData ? code(event.privateData) : html`<p class="soft">This event has private data, and you have no right to see it.</p>`}
  </section>`
}

/** What this viewer may have of an event. */
function visible({ viewer }: Visit, event: StoredEvent): Partial<StoredEvent> {
  if (viewer.privateData) return event
  const { privateData: _data, idempotencyKey: _key, ...rest } = event
  return rest
}

// A region that can scroll has to be reachable by keyboard.
function code(value: unknown): Html {
  return html`<pre tabindex="0">${typeof value === 'string' ? value : pretty(value)}</pre>`
}
