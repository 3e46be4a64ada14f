import { countOf, sayCount } from '../count.ts'
import { filterForm } from '../filter-form.ts'
import { type AskedFilter, describeFilter, isEverything, paramsOf, readFilter } from '../filter.ts'
import { html, type Html, type Part } from '../html.ts'
import { link } from '../link.ts'
import type { Page, View, Visit } from '../page.ts'
import { audience, number, preview, time } from '../show.ts'

const pageSize = 50
/** What a store looks at for a text before it says how far it came. */
const textSearch = 50_000

type Found = Awaited<ReturnType<Visit['trunkline']['find']>>

/** What was stored, newest first. The address says which. */
export const eventsPage: Page = {
  name: 'events',
  label: 'Events',
  async get(visit) {
    const asked = readFilter(visit.query)
    if (!visit.door.hasArchive) return withoutArchive()
    if (Object.keys(asked.problems).length > 0) return { title: 'Events', status: 400, content: page(visit, asked, null) }
    const older = visit.query.get('older') ?? ''
    const find = visit.trunkline.find({ ...asked.filter, limit: pageSize, ...(older !== '' && { before: older }) })
    const [found, count] = await Promise.all([find, countOf(visit, asked)])
    const title = isEverything(asked) ? 'Events' : `Events: ${describeFilter(asked)}`
    return { title, content: page(visit, asked, await results(visit, asked, found, sayCount(count))) }
  },
}

function page(visit: Visit, asked: AskedFilter, found: Part): Html {
  return html`<h1>Events</h1>
    ${filterForm(visit, asked)} ${found}`
}

async function results(visit: Visit, asked: AskedFilter, { events, next }: Found, count: string | null): Promise<Part> {
  const isFirst = !visit.query.has('older')
  const searched = asked.filter.text === undefined ? null : await howFar(visit, asked, { events, next })
  const summary = html`<p class="row" role="status">
    <b>${count ?? (events.length === 0 ? 'No events' : `${number(events.length)} on this page`)}</b>
    <span class="soft">newest first</span>
  </p>`
  const pages = html`<nav class="row" aria-label="Older and newer">
    ${!isFirst && html`<a class="button quiet" href="${link('events', paramsOf(asked))}">« Newest</a>`}
    ${next !== null && html`<a class="button quiet" rel="next" href="${link('events', { ...paramsOf(asked), older: next })}">${events.length < pageSize ? 'Look further' : 'Older'} ›</a>`}
  </nav>`
  if (events.length === 0) {
    return html`${searched}
      <p class="card empty">${isEverything(asked) ? 'Nothing has been published yet.' : 'No event fits this filter.'}</p>
      ${pages}`
  }
  return html`${searched}
    <form class="results" id="results" method="get" ${isFirst && visit.query.has('refresh') && html`data-refresh="3"`}>
      <input type="hidden" name="page" value="replay" />
      <div class="head">
        ${summary}
        <div class="row">${isFirst && refreshLink(visit, asked)} ${!visit.viewer.readOnly && replayButtons(asked)}</div>
      </div>
      ${table(visit, events)}
    </form>
    ${pages}`
}

/** Nothing moves under the hand of who did not ask for it. */
function refreshLink({ query }: Visit, asked: AskedFilter): Html {
  const isOn = query.has('refresh')
  const href = link('events', { ...paramsOf(asked), refresh: isOn ? undefined : 'yes' })
  return html`<a class="button quiet small" href="${href}" data-script hidden>${isOn ? 'Stop refreshing' : 'Keep fresh'}</a>`
}

function replayButtons(asked: AskedFilter): Html {
  return html`<button class="button quiet small">Replay ticked …</button>
    ${
      asked.filter.text === undefined &&
      html`<a class="button quiet small" href="${link('replay', { ...paramsOf(asked), all: 'yes' })}"
        >${isEverything(asked) ? 'Replay all …' : 'Replay all of the filter …'}</a
      >`
    } `
}

function table({ viewer }: Visit, events: Found['events']): Html {
  return html`<div class="table">
    <table class="events">
      <caption class="visually-hidden">
        Events, newest first
      </caption>
      <thead>
        <tr>
          ${!viewer.readOnly && html`<th class="tick"><span class="visually-hidden">Ticked</span><input type="checkbox" data-tick-all aria-label="Tick all on this page" hidden /></th>`}
          <th scope="col">Time</th>
          <th scope="col">Type</th>
          <th scope="col">For</th>
          <th scope="col">Detail</th>
        </tr>
      </thead>
      <tbody>
        ${events.map(
          (event) =>
            html`<tr>
              ${!viewer.readOnly && html`<td class="tick"><input type="checkbox" name="id" value="${event.id}" aria-label="Tick ${event.type} of ${event.createdAt}" /></td>`}
              <td class="when">${time(event.createdAt)}</td>
              <td class="type"><a class="value" href="${link('event', { id: event.id })}">${event.type}</a></td>
              <td class="for">${audience(event)}</td>
              <td class="detail"><span class="value mono">${preview(event.detail)}</span></td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

/** A text has no index: what was looked at is said, because what is older may have it too. */
async function howFar({ trunkline }: Visit, { filter }: AskedFilter, { events, next }: Found): Promise<Html> {
  if (next === null) return html`<p class="notice">Looked at every event of the rest of the filter.</p>`
  const oldest = events.at(-1)?.createdAt
  if (events.length === pageSize)
    return html`<p class="notice">Looked back to ${oldest}. What is older comes with the next page.</p>`
  const { text: _text, ...rest } = filter
  const beyond = await trunkline.find({ ...rest, limit: 1, before: next })
  const at = beyond.events[0]?.createdAt
  return html`<p class="notice warn">
    Looked at the newest ${number(textSearch)} events of the rest of the
    filter${at !== undefined && html`, back to <b>${at}</b>`}. What is older was not looked at.
  </p>`
}

function withoutArchive(): View {
  const content = html`<h1>Events</h1>
    <p class="card empty">This trunkline keeps nothing that could be looked up: it has no store, or one without an archive.</p>`
  return { title: 'Events', content }
}
