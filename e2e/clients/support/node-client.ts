import type { Follow } from '../follow/follow.ts'
import type { OpenVisit } from './client.ts'

/** A client that runs in this process. */
export function inNode(follow: Follow): OpenVisit {
  return async (origin, streams) => {
    const visits = streams.map(({ key, url, names }) => {
      const told: [string, string][] = []
      return { key, told, follower: follow(origin + url, names, (name, data) => told.push([name, data])) }
    })
    return {
      look: async () => visits.map(({ key, told, follower }) => ({ key, told: told.splice(0), isOver: follower.isOver() })),
      [Symbol.asyncDispose]: async () => {
        for (const { follower } of visits) follower.close()
      },
    }
  }
}
