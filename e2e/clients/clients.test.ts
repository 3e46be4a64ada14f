import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { launchBrowser } from '../support/browser.ts'
import { createDeployment, type Deployment } from '../support/deployment.ts'
import { allClients, type ListedClient } from './support/all-clients.ts'
import type { Client } from './support/crowd-of-clients.ts'
import { type Firefox, hasFirefox, launchFirefox } from './support/firefox.ts'
import { notes } from './support/notes.ts'
import { isWriting, readPage, tableIn, withFiles, withTable, writePage } from './support/page-text.ts'
import { playScene } from './support/scene.ts'
import { type ClientsServer, startClientsServer } from './support/server.ts'
import { readRows, rowsOf, tableOf } from './support/table.ts'

let chromium: Browser
let firefox: Firefox | null
let deployment: Deployment
let server: ClientsServer

beforeAll(async () => {
  ;[chromium, deployment, firefox] = await Promise.all([
    launchBrowser(),
    createDeployment(inject('databaseUrl')),
    hasFirefox ? launchFirefox() : null,
  ])
  server = await startClientsServer(deployment)
})

afterAll(async () => {
  await chromium?.close()
  await firefox?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
  await deployment?.[Symbol.asyncDispose]()
})

// A client whose program is not installed (firefox-esr, curl) keeps its lines.
test('clients do what the table of docs/clients.md says', { timeout: 180_000 }, async () => {
  const listed = allClients(chromium, firefox)
  const outcomes = await playScene(listed.filter(canRun), server, deployment.open(), 'eventsource/trunkline')

  const page = await readPage()
  const old = readRows(tableIn(page))
  const rows = listed.flatMap(({ name, slug, open }) =>
    open === null
      ? old.filter(([first]) => first === name)
      : rowsOf(
          name,
          outcomes.filter(({ story }) => story.client === slug),
        ),
  )
  const table = tableOf(rows)
  if (isWriting) await writePage(withTable(page, table))
  else expect(table).toBe(tableIn(page))

  expect(table).not.toContain('no reason')
  expect(notes.filter((_, index) => !table.includes(`(${index + 1})`))).toEqual([])
})

test('docs/clients.md shows the files of the tests as they are', async () => {
  const page = await readPage()
  const { page: current, files } = await withFiles(page)
  if (isWriting) await writePage(current)
  else expect(current).toBe(page)
  expect(files.length).toBeGreaterThan(8)
})

function canRun(client: ListedClient): client is Client {
  return client.open !== null
}
