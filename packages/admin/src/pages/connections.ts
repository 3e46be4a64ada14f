import type { ConnectionStatus, FoundConnections } from '@trunkline/core'

import { textField, tokenField } from '../fields.ts'
import { type Recorder, recorderOf } from '../health/recorder.ts'
import { amount, duration } from '../health/units.ts'
import { html, type Html, type Part } from '../html.ts'
import { link } from '../link.ts'
import type { Page, Visit } from '../page.ts'
import { Refusal } from '../refusal.ts'
import { seeOther } from '../see-other.ts'
import { time } from '../show.ts'

/** Who is connected, to any process; and their streams ended. */
export const connectionsPage: Page = {
  name: 'connections',
  label: 'Connections',
  async get(visit) {
    const user = visit.query.get('user') ?? ''
    const recorder = recorderOf(visit.trunkline)
    await recorder.look()
    const shown =
      user === '' ? everyone(visit, recorder) : ofUser(visit, user, await visit.trunkline.findConnections({ userId: user }))
    const content = html`<h1>Connections</h1>
      ${ended(visit)}
      <search>
        <form class="card search" method="get">
          <input type="hidden" name="page" value="connections" />
          ${textField({ name: 'user', label: 'All connections of one user', value: user })}
          <div class="row">
            <button class="button">Search</button>
            ${user !== '' && html`<a class="button quiet" href="${link('connections')}">Show all</a>`}
          </div>
        </form>
      </search>
      ${shown}`
    return { title: user === '' ? 'Connections' : `Connections of ${user}`, content }
  },

  async post({ trunkline, door, viewer }, form) {
    const userId = form.get('user') ?? ''
    const connectionId = form.get('connection')
    if (connectionId === null && (form.get('all') === null || userId === ''))
      throw new Refusal(400, 'The form says neither a connection nor a user.')
    const who = connectionId === null ? { userId } : { connectionId }
    // Before it is done: what nobody would ever know about must not happen.
    await door.audit({ actor: viewer.actor, action: 'disconnect', ...who })
    await trunkline.disconnect(who)
    return seeOther(link('connections', { user: userId, ended: connectionId === null ? 'all' : 'one' }))
  },
}

function ended({ query }: Visit): Part {
  const what = query.get('ended')
  if (what === null) return null
  const whose = what === 'all' ? 'All connections of this user were' : 'The connection was'
  return html`<p class="notice" role="status">
    ${whose} told to end. A client that may come back does, and is identified anew: take away its rights first to keep it out.
  </p>`
}

function everyone(visit: Visit, { processes }: Recorder): Html {
  const total = processes.reduce((sum, { last }) => sum + last.status.connections, 0)
  const connections = processes
    .flatMap(({ latest }) => latest.lagging)
    .toSorted((a, b) => b.lagMs - a.lagMs || compare(b.since, a.since))
  const isCut = connections.length < total
  return html`<div class="everyone" id="connections" data-refresh="10">
    <p role="status">
      <b>${amount(total, 'connection')}</b>
      <span class="soft"
        >to ${processes.length}
        ${processes.length === 1 ? 'process' : 'processes'}${isCut && html`. Shown are up to 20 of each: those that lag most, and the newest`}</span
      >
    </p>
    ${connections.length === 0 ? html`<p class="card empty">${total === 0 ? 'Nobody is connected.' : 'Search for a user to see their connections.'}</p>` : table(visit, '', connections)}
  </div>`
}

function ofUser(visit: Visit, user: string, { connections, total, silent }: FoundConnections): Html {
  return html`<div class="head">
      <p class="value" role="status">
        <b>${amount(total, 'connection')}</b> <span class="soft">of <bdi>${user}</bdi></span>
        ${connections.length < total && html`<span class="soft">(the first ${connections.length} are shown)</span>`}
      </p>
      ${
        !visit.viewer.readOnly &&
        total > 0 &&
        html`<form method="post" action="${link('connections')}">
          ${tokenField(visit.token)}<input type="hidden" name="user" value="${user}" />
          <button class="button danger small" name="all" value="yes">Disconnect all</button>
        </form>`
      }
    </div>
    ${
      silent.length > 0 &&
      html`<p class="notice warn">
        No answer came within a second from ${silent.join(', ')}: what is connected there is missing here. Search again.
      </p>`
    }
    ${connections.length === 0 ? html`<p class="card empty">This user is not connected.</p>` : table(visit, user, connections)}`
}

function table({ viewer, token }: Visit, user: string, connections: readonly ConnectionStatus[]): Html {
  return html`<form method="post" action="${link('connections')}">
    ${tokenField(token)}<input type="hidden" name="user" value="${user}" />
    <div class="table">
      <table class="connections">
        <caption class="visually-hidden">
          Connections
        </caption>
        <thead>
          <tr>
            <th scope="col">User</th>
            <th scope="col">Channels</th>
            <th scope="col">Since</th>
            <th scope="col" class="number">Lag</th>
            <th scope="col">Address</th>
            <th scope="col">Process</th>
            ${!viewer.readOnly && html`<th><span class="visually-hidden">End it</span></th>`}
          </tr>
        </thead>
        <tbody>
          ${connections.map((connection) => row(connection, viewer.readOnly))}
        </tbody>
      </table>
    </div>
  </form>`
}

function row({ id, process, userId, channels, since, lagMs, address }: ConnectionStatus, readOnly: boolean): Html {
  return html`<tr>
    <td>
      ${userId === null ? html`<span class="soft">anonymous</span>` : html`<a class="value" href="${link('connections', { user: userId })}">${userId}</a>`}
    </td>
    <td>
      ${channels.map((channel) => html`<a class="tag channel value" href="${link('events', { channel })}">${channel}</a> `)}
    </td>
    <td>${time(since)}</td>
    <td class="number">
      ${lagMs === 0 ? html`<span class="soft">none</span>` : html`<span class="tag warn">${duration(lagMs)}</span>`}
    </td>
    <td class="mono value">${address ?? html`<span class="soft">unknown</span>`}</td>
    <td class="mono value soft">${process}</td>
    ${
      !readOnly &&
      html`<td>
        <button
          class="button quiet small"
          name="connection"
          value="${id}"
          aria-label="Disconnect ${userId ?? 'anonymous'}, since ${since}"
        >
          Disconnect
        </button>
      </td>`
    }
  </tr>`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
