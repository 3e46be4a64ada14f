import { countOf, sayCount } from '../count.ts'
import { hiddenFields, tokenField } from '../fields.ts'
import { type AskedFilter, describeFilter, isEverything, paramsOf, readFilter } from '../filter.ts'
import { html, type Html } from '../html.ts'
import { link } from '../link.ts'
import { isOwn } from '../own.ts'
import type { Page, View, Visit } from '../page.ts'
import { Refusal } from '../refusal.ts'
import { replayFilter, replayIds } from '../replaying.ts'
import { audience, events, time } from '../show.ts'

/** Ids in one address; a page has 50. */
const maxIds = 200
/** What is longer is no id. */
const maxIdLength = 128

/** Sends events again: one, those that were ticked, or a whole filter. Says how many, asks, and then shows how far it is. */
export const replayPage: Page = {
  name: 'replay',
  changes: true,
  get: (visit) => (visit.query.has('all') ? confirmFilter(visit) : confirmIds(visit, visit.query.getAll('id'))),
  post: async (visit, form) => ({
    title: 'Replay',
    content: await (form.has('all')
      ? replayFilter(visit, checked(readFilter(form)))
      : replayIds(visit, checkedIds(form.getAll('id')))),
  }),
}

async function confirmIds(visit: Visit, given: readonly string[]): Promise<View> {
  const ids = checkedIds(given)
  if (ids.length === 0) {
    const content = html`<h1>Replay</h1>
      <p class="card empty">No event was ticked. <a href="${link('events')}">Back to the events</a></p>`
    return { title: 'Replay', content, status: 400 }
  }
  const found = await Promise.all(ids.map((id) => visit.trunkline.get(id)))
  const there = found.filter((event) => event !== null && !isOwn(event)).filter((event) => event !== null)
  const left = ids.length - there.length
  const content = html`<h1>Replay ${events(there.length)}?</h1>
    ${left > 0 && html`<p class="notice warn">${events(left)} cannot be replayed: pruned meanwhile, or one of Trunkline’s own.</p>`}
    ${
      there.length > 0 &&
      html`${explanation()}
        <ul class="card list">
          ${there.map((event) => html`<li>${time(event.createdAt)} <b class="value">${event.type}</b> ${audience(event)}</li>`)}
        </ul>
        <form class="row" method="post" action="${link('replay')}">
          ${tokenField(visit.token)} ${there.map(({ id }) => hiddenFields({ id }))}
          <button class="button">Replay ${events(there.length)}</button>
          <a class="button quiet" href="${link('events')}">Cancel</a>
        </form>`
    }`
  return { title: 'Replay', content }
}

async function confirmFilter(visit: Visit): Promise<View> {
  const before = readFilter(visit.query)
  const asked = checked(upToNow(before))
  const count = sayCount(await countOf(visit, asked))
  const what = count ?? 'an unknown number of events'
  const content = html`<h1>Replay ${what}?</h1>
    ${explanation()}
    <p class="card value">Those whose ${describeFilter(asked)}.</p>
    <p class="soft">
      Oldest first, 500 at a time. Trunkline’s own events are passed over. It stops when you leave the page that shows how far it
      is.
    </p>
    <form class="row" method="post" action="${link('replay')}">
      ${tokenField(visit.token)} ${hiddenFields({ ...asked.asked, all: 'yes' })}
      <button class="button">Replay ${what}</button>
      <a class="button quiet" href="${link('events', paramsOf(before))}">Cancel</a>
    </form>`
  return { title: 'Replay', content }
}

function explanation(): Html {
  return html`<p>
    Each is sent again to whom it is for, with the same id and at a new place in the log. Clients that are connected get it now,
    others when they come back.
  </p>`
}

/** What is published after one was asked is not part of it: neither of the number nor of the replay. */
function upToNow(asked: AskedFilter): AskedFilter {
  if (asked.asked.before !== undefined) return asked
  const query = new URLSearchParams(asked.asked)
  query.set('before', new Date().toISOString())
  return readFilter(query)
}

function checked(asked: AskedFilter): AskedFilter {
  const [problem] = Object.values(asked.problems)
  if (problem !== undefined) throw new Refusal(400, problem)
  if (asked.filter.text !== undefined)
    throw new Refusal(400, 'A search for text stops at 50,000 events, so all of it cannot be replayed. Tick events instead.')
  if (isEverything(asked))
    throw new Refusal(400, 'A replay of everything needs at least an end: a time before which the events were created.')
  return asked
}

function checkedIds(ids: readonly string[]): readonly string[] {
  const distinct = [...new Set(ids)].filter((id) => id.length <= maxIdLength)
  if (distinct.length > maxIds)
    throw new Refusal(400, `At most ${maxIds} events are replayed by their ids. Use a filter for more.`)
  return distinct
}
