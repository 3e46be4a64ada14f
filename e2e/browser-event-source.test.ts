import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { readCatchUp } from './browser/catch-up.ts'
import { startCuttingProxy } from './browser/cutting-proxy.ts'
import { fileOf, type Site, startSite } from './browser/site.ts'
import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment, type Process } from './support/deployment.ts'

const missedCount = 50
const emptyPage = fileOf('<!doctype html><title>EventSource</title>')

/** What one EventSource was given. */
interface Story {
  readonly cut: number
  readonly numbers: readonly number[]
}

let browser: Browser
let deployment: Deployment
let site: Site
let publisher: Process

beforeAll(async () => {
  deployment = await createDeployment(inject('databaseUrl'))
  ;[browser, site] = await Promise.all([launchBrowser(), startSite(deployment)])
  publisher = deployment.open()
})

afterAll(async () => {
  await browser?.close()
  await site?.[Symbol.asyncDispose]()
  await deployment?.[Symbol.asyncDispose]()
})

test("a browser's own EventSource resumes too, wherever its catch-up breaks off", async () => {
  const cursor = await publisher.cursor()
  for (let number = 0; number < missedCount; number++) await publisher.publishGlobal({ type: 'missed', detail: number })
  const { length, frames } = await readCatchUp(`${site.origin}/numbered/0/sse`, { 'last-event-id': cursor }, missedCount + 1)
  const [opening = { from: 0, to: 0 }, first = opening] = frames
  await using proxy = await startCuttingProxy(site)
  // Within the head, after the opening frame and before any event, within the first event, somewhere, and before the end of the last.
  const cuts = [opening.from - 10, opening.to, first.to - 5, Math.floor(length / 2), length - 1]

  const page = await browser.newPage()
  await page.goto(proxy.origin + emptyPage)
  const follow = page.evaluate(
    ({ places, from }) =>
      Promise.all(
        places.map(
          (cut) =>
            new Promise<Story>((resolve) => {
              const source = new EventSource(`/numbered/${cut}/sse?lastEventId=${from}`)
              const numbers: number[] = []
              let isBroken = false
              source.addEventListener('error', () => (isBroken = true))
              source.addEventListener('message', ({ data }: MessageEvent<string>) => {
                const { type, detail } = JSON.parse(data) as { type: string; detail: number }
                if (type === 'missed') numbers.push(detail)
                // Not stored, so that nobody resumes from it: all that was missed has come before.
                else if (isBroken) {
                  source.close()
                  resolve({ cut, numbers })
                }
              })
            }),
        ),
      ),
    { places: cuts, from: cursor },
  )
  const ticking = setInterval(() => void publisher.publishGlobal({ type: 'tick', store: false }), 20)
  const stories = await follow.finally(() => clearInterval(ticking))

  const missed = Array.from({ length: missedCount }, (_, number) => number)
  expect(stories).toEqual(cuts.map((cut) => ({ cut, numbers: missed })))
  expect([...proxy.cut].toSorted((one, other) => one - other)).toEqual(cuts)
})
