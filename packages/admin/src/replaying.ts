import { countOf } from './count.ts'
import { type AskedFilter, describeFilter, paramsOf } from './filter.ts'
import { html, type Html } from './html.ts'
import { link } from './link.ts'
import type { Visit } from './page.ts'
import { createProgress } from './progress.ts'
import { refusalOf } from './refusal.ts'
import { events, number } from './show.ts'

/*
 * What a replay shows of itself is sent while it goes on: each step of it is a line, and the stylesheet hides all but the newest. So
 * it moves without a script, needs no memory of jobs, and works whichever process it came to.
 */

/** Sends these events again, and shows how far it is. */
export async function replayIds(visit: Visit, ids: readonly string[]): Promise<AsyncIterable<Html>> {
  const { door, viewer } = visit
  // Before it is done: what nobody would ever know about must not happen.
  await door.audit({ actor: viewer.actor, action: 'replay', ids })
  return replayingIds(visit, ids)
}

/** Sends all events of a filter again, and shows how far it is. Ends when the browser goes away. */
export async function replayFilter(visit: Visit, asked: AskedFilter): Promise<AsyncIterable<Html>> {
  const { door, viewer } = visit
  const count = await countOf(visit, asked)
  await door.audit({ actor: viewer.actor, action: 'replay', filter: asked.asked })
  return replayingFilter(visit, asked, typeof count === 'number' ? count : null)
}

async function* replayingIds(visit: Visit, ids: readonly string[]): AsyncGenerator<Html, void, undefined> {
  yield beginning(html`Sending ${events(ids.length)} again …`)
  let count = 0
  const problems: string[] = []
  for (const id of ids) {
    try {
      await visit.trunkline.replay(id)
      yield step(++count, ids.length)
    } catch (error) {
      problems.push(problemOf(visit, error))
    }
  }
  yield ending(count, problems, link('events'))
}

async function* replayingFilter(visit: Visit, asked: AskedFilter, total: number | null): AsyncGenerator<Html, void, undefined> {
  const { trunkline } = visit
  yield beginning(html`Sending again those whose ${describeFilter(asked)} …`)
  const leaving = new AbortController()
  const progress = createProgress()
  const replay = trunkline
    .replayMany(asked.filter, { onProgress: progress.tell, signal: leaving.signal })
    .then(
      () => null,
      (error: unknown) => (leaving.signal.aborted ? 'The page was left.' : problemOf(visit, error)),
    )
    .finally(progress.end)
  try {
    for await (const count of progress) yield step(count, total)
  } finally {
    leaving.abort()
    await noteResult(visit, asked, progress.last, await replay)
  }
  const problem = await replay
  yield ending(progress.last, problem === null ? [] : [problem], link('events', paramsOf(asked)))
}

/** How it ended, beside the note that it began. */
async function noteResult(visit: Visit, { asked: filter }: AskedFilter, count: number, problem: string | null): Promise<void> {
  const { door, viewer } = visit
  const entry = { actor: viewer.actor, action: 'replayed', filter, count, ...(problem !== null && { problem }) }
  await door.audit(entry).catch((error: unknown) => problemOf(visit, error))
}

function beginning(what: Html): Html {
  return html`<h1>Replay</h1>
    <p class="value">${what}</p>
    <div class="steps card" role="status">`
}

function step(count: number, total: number | null): Html {
  const of = total === null ? events(count) : `${number(count)} of ${events(total)}`
  return html`<p class="step">
    <progress aria-label="Replayed" ${total !== null && html`max="${total}" value="${count}"`}></progress> ${of}
  </p> `
}

function ending(count: number, problems: readonly string[], back: string): Html {
  return html`<div class="step">
      <p><b>${problems.length === 0 ? 'Done:' : 'Not all of it:'}</b> ${events(count)} replayed.</p>
      ${problems.map((problem) => html`<p class="problem">${problem}</p>`)}
    </div>
    </div>
    <p><a class="button quiet" href="${back}">Back to the events</a></p>`
}

function problemOf({ trunkline }: Visit, error: unknown): string {
  const refusal = refusalOf(error)
  if (refusal === null || refusal.status >= 500) trunkline.report?.(error, { stage: 'admin' })
  return refusal?.message ?? 'Something went wrong on the server. Its log says what.'
}
