import type { Activity, Status, StoredEvent, Tracked } from '@trunkline/core'

import { html, type Html, type Part } from './html.ts'
import { link } from './link.ts'
import { number, time } from './show.ts'

const meanings: Readonly<Record<Status, string>> = {
  new: 'Stored in the log',
  dispatched: 'Handed to its receivers by a process',
  sent: 'Written to a stream',
  delivered: 'Acknowledged by the client',
  read: 'Read, says the client',
  error: 'A hook or a subscriber failed over it',
}

const most = 200

/** What became of an event, in the order in which it happened. */
export function timeline(event: StoredEvent, { activities }: Tracked): Html {
  const left = activities.length - most
  return html`<section class="card">
    <h2>What became of it</h2>
    <ol class="timeline">
      ${step('new', event.createdAt, null)}
      ${activities.slice(0, most).map(({ status, at, userId }: Activity) => step(status, at, userId))}
    </ol>
    ${left > 0 && html`<p class="soft">${number(left)} more are not shown.</p>`}
  </section>`
}

/** A status, as a small coloured word. */
export function statusTag(status: Status): Html {
  const colour = status === 'error' ? 'bad' : status === 'delivered' || status === 'read' ? 'good' : ''
  return html`<span class="tag ${colour}">${status}</span>`
}

function step(status: Status, at: string, userId: string | null): Html {
  return html`<li class="${status}">${statusTag(status)} <span>${meanings[status]}${whose(userId)}</span> ${time(at)}</li>`
}

function whose(userId: string | null): Part {
  return userId !== null && html`, user <a class="value" href="${link('events', { user: userId })}">${userId}</a>`
}
