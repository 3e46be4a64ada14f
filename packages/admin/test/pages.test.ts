import { createAdmin } from '@trunkline/admin'
import { createTrunkline, memory } from '@trunkline/core'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'

import { createSite } from './support.ts'

/** The links and forms' targets of a page. */
function targetsIn(page: string): readonly string[] {
  return [...page.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, target = '']) => target)
}

describe('the frame', () => {
  test('asks browsers for nothing from elsewhere, and forbids it', async () => {
    const site = createSite()
    const { id } = await site.trunkline.publishGlobal({ type: 'greeting' })
    for (const path of ['', '?page=live', '?page=publish', `?page=event&id=${id}`, `?page=replay&id=${id}`, '?page=nowhere']) {
      const response = await site.get(path)
      expect(response.headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'/,
      )
      expect(response.headers.get('x-frame-options')).toBe('DENY')
      expect(response.headers.get('cache-control')).toBe('no-store')
      const page = await response.text()
      expect(targetsIn(page).length).toBeGreaterThan(5)
      expect(targetsIn(page).filter((target) => !/^[?#]/.test(target))).toEqual([])
      // What the policy would refuse anyway.
      expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|<script>/)
    }
  })

  test('has a stylesheet, a script and an icon, at addresses that change with them', async () => {
    const site = createSite()
    const files = targetsIn(await site.page('')).filter((target) => target.startsWith('?file='))
    expect(new Set(files).size).toBe(3)
    for (const file of files) {
      const response = await site.get(file.replaceAll('&amp;', '&'))
      expect(response.status).toBe(200)
      expect(response.headers.get('cache-control')).toContain('immutable')
    }
    expect((await site.get('?file=constructor')).status).toBe(404)
  })

  test('says what is not there, and what a page does not take', async () => {
    const site = createSite()
    expect((await site.get('?page=nowhere')).status).toBe(404)
    expect((await site.get('?page=__proto__')).status).toBe(404)
    expect((await site.get('?page=event&id=none')).status).toBe(404)
    expect((await site.post('?page=events', { token: 'x' })).status).toBe(405)
    expect(site.failures).toEqual([])
  })

  test('answers HEAD as GET, without the page', async () => {
    const site = createSite()
    for (const path of ['', '?page=live&stream=1']) {
      const response = await site.head(path)
      expect([response.status, await response.text()]).toEqual([200, ''])
    }
  })

  test('tells the viewer little and the operators everything when something breaks', async () => {
    const { store, notifier } = memory()
    const error = new Error('the password of the database is 1234')
    const archive = { ...store.archive, get: store.archive?.get, find: () => Promise.reject(error) }
    const site = createSite({ options: { store: { ...bound(store), archive: archive as never }, notifier } })
    const response = await site.get('')
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('1234')
    expect(site.failures).toEqual([{ error, stage: 'admin' }])
  })
})

describe('it works under any mount', () => {
  test.each(['/admin', '/admin/', '/', '/a/b/c'])('at %s', async (mount) => {
    const site = createSite({ mount: `https://example.org${mount}` })
    const { id } = await site.trunkline.publishGlobal({ type: 'greeting' })
    expect(await site.page('')).toContain(id)
    expect(new URL(`?page=event&id=${id}`, `https://example.org${mount}`).pathname).toBe(mount)
    expect(await site.page(`?page=event&id=${id}`)).toContain('greeting')
  })

  test('of Hono', async () => {
    await using trunkline = createTrunkline({ ...memory() })
    const app = new Hono()
    app.mount('/admin', createAdmin(trunkline, { authorize: ({ headers }) => headers.has('x-admin') && { actor: 'ada' } }))
    expect((await app.request('/admin')).status).toBe(403)
    for (const path of ['/admin', '/admin/', '/admin?page=live']) {
      expect((await app.request(path, { headers: { 'x-admin': '1' } })).status).toBe(200)
    }
  })
})

/** The methods of a store, off their object. */
function bound(store: ReturnType<typeof memory>['store']): ReturnType<typeof memory>['store'] {
  return {
    append: (...args) => store.append(...args),
    read: (query) => store.read(query),
    bounds: () => store.bounds(),
    prune: (query) => store.prune(query),
  }
}
