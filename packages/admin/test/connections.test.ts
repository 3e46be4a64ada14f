import { type Connection, createTrunkline, memory, type Trunkline } from '@trunkline/core'
import { describe, expect, onTestFinished, test } from 'vitest'

import { createSite } from './support.ts'

/** The pages of one process, and another process of the same deployment. */
function createDeployment(admin: Parameters<typeof createSite>[0] = {}) {
  const deployment = memory()
  const options = { ...deployment, canRead: () => true }
  const other: Trunkline = createTrunkline(options)
  onTestFinished(() => other.stop({ graceMs: 0 }))
  return { site: createSite({ ...admin, options }), other }
}

async function openAll(
  site: ReturnType<typeof createSite>,
  other: Trunkline,
): Promise<readonly [Connection, Connection, Connection]> {
  return [
    await site.trunkline.connect({ userId: 7, channels: ['room <7>'], address: '203.0.113.7' }),
    await other.connect({ userId: 7, address: '2001:db8::7' }),
    await other.connect({ userId: '<script>alert(1)</script>' }),
  ]
}

describe('the page of connections', () => {
  test('shows those of all processes, with user, channels, address and process', async () => {
    const { site, other } = createDeployment()
    await openAll(site, other)
    await other.connect({ userId: null })
    const page = await site.page('?page=connections')
    expect(page).toContain('<b>4 connections</b>')
    for (const shown of ['203.0.113.7', '2001:db8::7', 'room &lt;7&gt;', 'anonymous', site.trunkline.stats().process]) {
      expect(page).toContain(shown)
    }
    expect(page).toContain(other.stats().process)
    expect(page).not.toContain('<script>alert')
  })

  test("shows one user's, and says when there are none", async () => {
    const { site, other } = createDeployment()
    await openAll(site, other)
    const page = await site.page('?page=connections&user=7')
    expect(page).toContain('<b>2 connections</b>')
    expect(page).not.toContain('alert(1)')
    expect(await site.page('?page=connections&user=8')).toContain('This user is not connected.')
  })

  test('ends one connection, in whatever process, and writes down who did it before it is done', async () => {
    const { site, other } = createDeployment()
    const [mine, theirs] = await openAll(site, other)
    const response = await site.post('?page=connections', { connection: theirs.id })
    expect([response.status, response.headers.get('location')]).toEqual([303, '?page=connections&ended=one'])
    expect(await theirs.closed).toBe('disconnected')
    expect(site.trunkline.stats().connections).toBe(1)
    expect(await site.audits()).toEqual([{ actor: 'ada@example.org', action: 'disconnect', connectionId: theirs.id }])
    mine.close()
  })

  test('ends all connections of one user, and nobody else’s', async () => {
    const { site, other } = createDeployment()
    const [mine, theirs] = await openAll(site, other)
    await site.post('?page=connections', { user: '7', all: 'yes' })
    expect(await Promise.all([mine.closed, theirs.closed])).toEqual(['disconnected', 'disconnected'])
    expect(other.stats().connections).toBe(1)
    expect(await site.audits()).toEqual([{ actor: 'ada@example.org', action: 'disconnect', userId: '7' }])
  })

  test('ends nobody’s by a form that names nobody, and none for another site', async () => {
    const { site, other } = createDeployment()
    const [mine] = await openAll(site, other)
    expect((await site.post('?page=connections', { user: '7' })).status).toBe(400)
    expect((await site.post('?page=connections', { all: 'yes' })).status).toBe(400)
    for (const [fields, headers] of [
      [{ connection: mine.id, token: 'x' }, {}],
      [{ connection: mine.id }, { 'sec-fetch-site': 'cross-site' }],
    ] as const) {
      expect((await site.post('?page=connections', fields, headers)).status).toBe(403)
    }
    expect([site.trunkline.stats().connections, await site.audits()]).toEqual([1, []])
  })

  test('has nothing to press for who may only look', async () => {
    const { site, other } = createDeployment({ authorize: () => ({ actor: 'eve', readOnly: true }) })
    const [mine] = await openAll(site, other)
    const page = await site.page('?page=connections&user=7')
    expect(page).toContain('203.0.113.7')
    expect(page).not.toContain('name="connection"')
    expect((await site.post('?page=connections', { connection: mine.id, token: 'x' })).status).toBe(403)
    expect(site.trunkline.stats().connections).toBe(1)
  })
})
