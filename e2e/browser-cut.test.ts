import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { type CatchUp, readCatchUp } from './browser/catch-up.ts'
import { startCuttingProxy } from './browser/cutting-proxy.ts'
import { fileOf, type Site, startSite } from './browser/site.ts'
import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment, type Process } from './support/deployment.ts'
import { type Random, testRandom } from './support/random.ts'

const missedCount = 100
const sampleSize = 100
const missed = Array.from({ length: missedCount }, (_, number) => number)
const manualPage = fileOf(
  '<!doctype html><title>Trunkline</title><script src="/realtime/client.js" data-connect="manual"></script>',
)

/** What one client was handed out, and how it was doing at the end. */
interface Story {
  readonly cut: number
  readonly numbers: readonly unknown[]
  readonly resets: number
  readonly end: string
}

let browser: Browser
let deployment: Deployment
/** Has the events that are missed in memory. */
let followed: Site
/** Was started after them, and has to read them from the database. */
let startedLate: Site
let publisher: Process
let cursor: string
let ticking: NodeJS.Timeout

beforeAll(async () => {
  deployment = await createDeployment(inject('databaseUrl'))
  ;[browser, followed] = await Promise.all([launchBrowser(), startSite(deployment)])
  publisher = deployment.open()
  cursor = await publisher.cursor()
  for (const number of missed) {
    const event = { type: 'missed', detail: { number, text: 'é 🐘\n'.repeat(number % 5) } }
    if (number % 3 === 0) await publisher.publishGlobal(event)
    else if (number % 3 === 1) await publisher.publish({ ...event, userId: 'ann' })
    else await publisher.publishToChannel({ ...event, channel: 'room' })
    await publisher.publish({ ...event, userId: 'bob' })
  }
  startedLate = await startSite(deployment)
  // A sign of life that is not stored: whoever hears it has been handed out all that was stored before.
  ticking = setInterval(() => void publisher.publishGlobal({ type: 'tick', store: false }), 10)
})

afterAll(async () => {
  clearInterval(ticking)
  await browser?.close()
  await Promise.all([followed, startedLate].map((site) => site?.[Symbol.asyncDispose]()))
  await deployment?.[Symbol.asyncDispose]()
})

describe('a client whose connection breaks in the middle of its catch-up is handed out all 100 events it missed, each once', () => {
  test.each([
    ['that come from memory', () => followed, false],
    ['that come from the database', () => startedLate, true],
  ])(
    '%s',
    async (_, site, isRead) => {
      const random = testRandom()
      await using proxy = await startCuttingProxy(site())
      const headers = { cookie: 'user=ann', 'last-event-id': cursor }
      const catchUp = await readCatchUp(`${site().origin}/numbered/0/sse?channel=room`, headers, missedCount + 1)
      const cuts = cutsOf(catchUp, random)
      const stories = await breakAt(proxy.origin, cuts)
      const isWhole = ({ numbers, resets, end }: Story): boolean =>
        resets === 0 && end === 'open' && JSON.stringify(numbers) === JSON.stringify(missed)
      expect(stories.filter((story) => !isWhole(story))).toEqual([])
      // And they were broken, every one of them.
      expect([...proxy.cut].toSorted((one, other) => one - other)).toEqual(cuts)
      expect((await site().call('stats')).counters.catchUpReads > 0).toBe(isRead)
    },
    120_000,
  )
})

/** Every byte of the head, the opening frame, the first event and the last, and some of those between. */
function cutsOf({ length, frames }: CatchUp, random: Random): readonly number[] {
  const cuts = new Set<number>()
  const add = (from: number, to: number): void => {
    for (let cut = from; cut <= to; cut++) cuts.add(cut)
  }
  add(0, frames[1]?.to ?? 0)
  add(frames.at(-1)?.from ?? 0, length)
  for (let sampled = 0; sampled < sampleSize; sampled++) cuts.add(random.between(0, length))
  return [...cuts].toSorted((one, other) => one - other)
}

/** One client for each number, a few at a time: Chromium opens at most six connections to one server. */
async function breakAt(origin: string, cuts: readonly number[]): Promise<readonly Story[]> {
  const context = await browser.newContext()
  await context.addCookies([{ name: 'user', value: 'ann', url: origin }])
  // A break should cost no wait: the client draws its pauses from here.
  await context.addInitScript(() => (Math.random = () => 0))
  const page = await context.newPage()
  await page.goto(origin + manualPage)
  const stories = await page.evaluate(
    async ({ cuts: queue, cursor: from }) => {
      function follow(cut: number): Promise<Story> {
        return new Promise((resolve) => {
          const numbers: unknown[] = []
          let breaks = 0
          let resets = 0
          const client = globalThis.Trunkline.connect({
            share: false,
            endpoint: `/numbered/${cut}/sse`,
            channels: ['room'],
            cursor: from,
            target: null,
          })
          client.onState(({ status }) => {
            if (status === 'waiting') breaks++
          })
          client.onReset(() => resets++)
          client.on('missed', (detail) => numbers.push((detail as { number: number }).number))
          function end(): void {
            clearTimeout(timer)
            const { status } = client.state
            client.close()
            resolve({ cut, numbers, resets, end: status })
          }
          const timer = setTimeout(end, 10_000)
          client.on('tick', () => breaks > 0 && end())
        })
      }
      const told: Story[] = []
      async function work(): Promise<void> {
        for (let cut = queue.shift(); cut !== undefined; cut = queue.shift()) told.push(await follow(cut))
      }
      await Promise.all([work(), work(), work(), work(), work()])
      return told
    },
    { cuts: [...cuts], cursor },
  )
  await context.close()
  return stories
}
