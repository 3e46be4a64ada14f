import { eventually } from '../../support/eventually.ts'
import type { OpenVisit, Visit } from './client.ts'
import { channel, type ClientsServer } from './server.ts'
import { type DialectKey, spoken } from './spoken.ts'
import { Story } from './story.ts'

const patienceMs = 20_000

/** A client of the table. */
export interface Client {
  readonly name: string
  /** In addresses. */
  readonly slug: string
  readonly dialects: readonly DialectKey[]
  readonly open: OpenVisit
}

/** All clients at once, each with a stream in each of its dialects. */
export class CrowdOfClients implements AsyncDisposable {
  readonly stories: readonly Story[]
  readonly #visits: readonly (readonly [Client, Visit])[]

  private constructor(stories: readonly Story[], visits: readonly (readonly [Client, Visit])[]) {
    this.stories = stories
    this.#visits = visits
  }

  static async open(clients: readonly Client[], server: ClientsServer): Promise<CrowdOfClients> {
    const stories = clients.flatMap(({ slug, dialects }) => dialects.map((dialect) => new Story(slug, dialect)))
    const visits = await Promise.all(
      clients.map(async (client) => {
        const streams = client.dialects.map((dialect) => ({
          key: dialect,
          // A place that nobody knows: each begins with a reset.
          url: `/realtime/${client.slug}/sse?${new URLSearchParams({ channel, dialect, lastEventId: 'nowhere' })}`,
          names: spoken[dialect].names,
        }))
        return [client, await client.open(server.origin, streams)] as const
      }),
    )
    return new CrowdOfClients(stories, visits)
  }

  /** Resolves when it is so of each that has not given up; and after a while, when it is never so of some: their cells will tell. */
  async until(isSo: (story: Story) => boolean): Promise<void> {
    const end = performance.now() + patienceMs
    await eventually(
      'all clients',
      async () => {
        await this.#look()
        return performance.now() > end || this.stories.every((story) => story.isOver || isSo(story))
      },
      // A page that does not answer is a failure, one that gets nothing is not.
      2 * patienceMs,
    )
  }

  async #look(): Promise<void> {
    await Promise.all(
      this.#visits.map(async ([{ slug }, visit]) => {
        for (const glimpse of await visit.look()) this.stories.find(({ cell }) => cell === `${slug}/${glimpse.key}`)?.add(glimpse)
      }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#visits.map(([, visit]) => visit[Symbol.asyncDispose]()))
  }
}
