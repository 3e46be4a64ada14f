import type { Process } from '../../support/deployment.ts'
import { type Client, CrowdOfClients } from './crowd-of-clients.ts'
import { allKinds, aroundBreak, aroundBusy, aroundRestart, breakingPoint, publish } from './published.ts'
import type { ClientsServer } from './server.ts'
import type { Story } from './story.ts'

/** What became of one client in one dialect. */
export interface Outcome {
  readonly story: Story
  /** All kinds of events. */
  readonly events: string
  /** Its stream broke in the middle of an event. */
  readonly broken: string
  /** The server was stopped, and started again. */
  readonly restart: string
  /** It was told 503. */
  readonly busy: string
  /** It was refused. */
  readonly refused: string
  /** Whether it was told of the frames that are no event. */
  readonly frames: string
}

/** The client that is hurt by what it has read of an event, and tells when it has read it. */
const halfReader = 'fetch-event-source-alone'

/** What a cell says when something did not happen to a client. */
const nothing = '–'

/**
 * Everything that happens to clients, to all of them at once. `publisher` is another process than the server's, `witness` a client that
 * is told of heartbeats.
 */
export async function playScene(
  clients: readonly Client[],
  server: ClientsServer,
  publisher: Process,
  witness: string,
): Promise<readonly Outcome[]> {
  const busy = await playBusy(clients, server, publisher)
  await using crowd = await CrowdOfClients.open(clients, server)
  await crowd.until((story) => story.count('reset') > 0)

  await publish(publisher, allKinds)
  await crowd.until((story) => story.has(6))
  await crowd.until((story) => story.cell !== witness || story.count('heartbeat') > 2)

  // The big one may have come in pieces, too.
  const halves = new Map(crowd.stories.map((story) => [story, story.halves]))
  server.hangBefore(breakingPoint)
  await publish(publisher, aroundBreak.slice(0, 1))
  await crowd.until(({ cell }) => server.hangs(cell))
  await crowd.until((story) => story.client !== halfReader || story.halves > (halves.get(story) ?? 0))
  server.cut()
  await publish(publisher, aroundBreak.slice(1))
  await crowd.until((story) => story.has(8))

  await server.restart(() => publish(publisher, aroundRestart.slice(0, -1)))
  await crowd.until((story) => story.has(10))
  await publish(publisher, aroundRestart.slice(-1))
  await crowd.until((story) => story.has(11))

  const over = new Set(crowd.stories.filter(({ isOver }) => isOver))
  await server.refuse()
  await crowd.until(({ cell }) => server.refused(cell) > 1)

  return crowd.stories.map((story) => ({
    story,
    events: story.nonsense.length > 0 ? 'misunderstood' : (story.compare(allKinds) ?? 'all'),
    broken: story.compare(aroundBreak) ?? 'resumes',
    restart: story.compare(aroundRestart) ?? (story.count('reset') > 1 ? 'is reset' : 'resumes'),
    busy: busy.get(story.cell) ?? nothing,
    refused: over.has(story) ? nothing : story.isOver && server.refused(story.cell) < 2 ? 'stays away' : 'comes back',
    frames: story.untold.length === 0 ? 'all' : `not: ${story.untold.join(', ')}`,
  }))
}

/** Who comes back after a 503, and with what place. */
async function playBusy(
  clients: readonly Client[],
  server: ClientsServer,
  publisher: Process,
): Promise<ReadonlyMap<string, string>> {
  await using crowd = await CrowdOfClients.open(clients, server)
  await crowd.until((story) => story.count('reset') > 0)
  const opened = new Map(crowd.stories.map(({ cell }) => [cell, server.opened(cell)]))
  await server.beBusy(async () => {
    await publish(publisher, aroundBusy.slice(0, 1))
    await crowd.until(({ cell }) => server.turnedAway(cell) > 0)
  })
  await crowd.until(({ cell }) => server.opened(cell) > (opened.get(cell) ?? 0))
  await publish(publisher, aroundBusy.slice(1))
  await crowd.until((story) => story.has(13))
  const verdict = (story: Story): string => {
    if (server.turnedAway(story.cell) === 0) return nothing
    return story.isOver ? 'gives up' : (story.compare(aroundBusy) ?? 'resumes')
  }
  return new Map(crowd.stories.map((story) => [story.cell, verdict(story)]))
}
