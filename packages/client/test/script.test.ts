import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { runScript, type Page, type ScriptTag } from '../src/page-script.ts'
import { clientScript, scriptTag } from '../src/script/index.ts'
import type { Client, ClientOptions, ConnectionState } from '../src/types.ts'
import { createBundlePage } from './bundle-page.ts'
import { connected, cursor, event, serve, stream, until } from './support.ts'

afterEach(() => void vi.restoreAllMocks())

/** The part of a client that the script looks at. */
function createRecorder(): {
  readonly connect: (options?: ClientOptions) => Client
  readonly asked: (ClientOptions | undefined)[]
} {
  const asked: (ClientOptions | undefined)[] = []
  const connect = (options?: ClientOptions): Client => {
    asked.push(options)
    const client: { state: ConnectionState } = { state: { status: 'connecting' } }
    return client as Client
  }
  return { connect, asked }
}

const tag = (dataset: ScriptTag['dataset'] = {}, src = 'https://example.org/realtime/client.js'): ScriptTag => ({ src, dataset })

describe('the script tag', () => {
  test.each([
    ['https://example.org/realtime/client.js', 'https://example.org/realtime/sse'],
    ['https://example.org/client.js?v=1/2', 'https://example.org/sse'],
    ['https://example.org/a/b/c.js/?v=1', 'https://example.org/a/b/sse'],
    ['https://example.org/a/b/client.js/', 'https://example.org/a/b/sse'],
  ])('of %s connects to %s', (src, endpoint) => {
    const { connect, asked } = createRecorder()
    runScript({}, tag({}, src), connect)
    expect(asked).toEqual([{ endpoint }])
  })

  test('says endpoint with its channels, prefix and cursor; what is empty is not said', () => {
    const { connect, asked } = createRecorder()
    const endpoint = 'https://example.org/live?channel=room-7&channel=a%2Cb'
    runScript({}, tag({ endpoint, prefix: 'djr', cursor: cursor(3) }), connect)
    runScript({}, tag({ endpoint: '', prefix: '', cursor: '' }), connect)
    expect(asked).toEqual([{ endpoint, prefix: 'djr', cursor: cursor(3) }, { endpoint: 'https://example.org/realtime/sse' }])
  })

  test('with data-connect="manual" leaves it to the page, whose options come before those of the tag', () => {
    const { connect, asked } = createRecorder()
    const page: Page = {}
    runScript(page, tag({ connect: 'manual', prefix: 'djr' }), connect)
    expect(asked).toEqual([])
    expect(page.Trunkline?.client).toBeNull()
    page.Trunkline?.connect({ cursor: cursor(1) })
    expect(asked).toEqual([{ endpoint: 'https://example.org/realtime/sse', prefix: 'djr', cursor: cursor(1) }])
  })

  test('run again keeps the one connection of its endpoint and prefix', () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { connect, asked } = createRecorder()
    const page: Page = {}
    runScript(page, tag(), connect)
    const client = page.Trunkline?.client
    runScript(page, tag({ cursor: cursor(9) }), connect)
    expect(asked).toHaveLength(1)
    expect(page.Trunkline?.client).toBe(client)
    expect(warned).not.toHaveBeenCalled()

    // A second connection would fire every event of the first one again; the person in charge is told.
    runScript(page, tag({ endpoint: 'https://example.org/realtime/sse?channel=room-7' }), connect)
    expect(asked).toHaveLength(1)
    expect(warned.mock.calls).toEqual([
      ['Trunkline stays connected to https://example.org/realtime/sse, not to https://example.org/realtime/sse?channel=room-7.'],
    ])

    runScript(page, tag({ prefix: 'djr' }), connect)
    runScript(page, tag({ endpoint: 'https://example.org/other/sse' }), connect)
    expect(asked).toHaveLength(3)
    expect(page.Trunkline?.clients.size).toBe(3)
  })

  test('run again connects anew when the connection had stopped for good', () => {
    const asked: unknown[] = []
    const page: Page = {}
    const connect = (options?: ClientOptions): Client => {
      asked.push(options)
      return { state: { status: 'stopped', reason: 'unauthorized' } } as Client
    }
    runScript(page, tag(), connect)
    const first = page.Trunkline?.client
    runScript(page, tag({ cursor: cursor(2) }), connect)
    expect(asked).toHaveLength(2)
    expect(page.Trunkline?.client).not.toBe(first)
  })
})

describe('the bundle', () => {
  test('run twice in a page connects once and fires DOM events on the window', async () => {
    await using server = await serve((response) =>
      stream(response, connected(cursor(1)) + event(cursor(2), 'page', { ':id': 7 })),
    )
    const page = createBundlePage(server.url, tag({}, server.url.replace('/sse', '/client.js')))
    const heard: string[] = []
    for (const name of ['connected', 'page', 'page:7']) {
      page.window.addEventListener(`trunkline:${name}`, ({ type }) => heard.push(type))
    }
    const client = page.run().client as Client
    page.run()
    await until(() => heard.length === 3)
    expect(heard).toEqual(['trunkline:connected', 'trunkline:page', 'trunkline:page:7'])
    expect(page.run().client).toBe(client)
    expect(server.requests).toHaveLength(1)
    client.close()
    expect(client.state).toEqual({ status: 'stopped', reason: 'closed' })
  })

  test('is small, and leaves nothing on the window but Trunkline', () => {
    expect(gzipSync(clientScript.source).length).toBeLessThanOrEqual(5 * 1_024)
    expect(clientScript.source).toMatch(/^\/\*! MIT: .*\*\/\s*\(\(\)=>\{/)
  })

  test('comes with the etag and integrity of its bytes', () => {
    const digest = (algorithm: string): string => createHash(algorithm).update(clientScript.source).digest('base64')
    expect(clientScript.etag).toBe(`"${digest('sha256')}"`)
    expect(clientScript.integrity).toBe(`sha384-${digest('sha384')}`)
  })
})

describe('scriptTag', () => {
  test('writes what it is given, and nothing for what is left out or empty', () => {
    expect(scriptTag({ src: '/realtime/client.js' })).toBe('<script src="/realtime/client.js"></script>')
    expect(scriptTag({ src: '/a.js', nonce: undefined, cursor: '', connect: 'auto' })).toBe('<script src="/a.js"></script>')
    expect(
      scriptTag({
        src: '/a.js',
        nonce: 'n',
        cursor: 'c',
        identity: 'i',
        connect: 'manual',
        endpoint: '/e?channel=1&channel=2',
        prefix: 'p',
      }),
    ).toBe(
      '<script src="/a.js" nonce="n" data-cursor="c" data-identity="i" data-connect="manual" data-endpoint="/e?channel=1&amp;channel=2" data-prefix="p"></script>',
    )
  })

  test('lets nothing out of an attribute', () => {
    const evil = `"'><script>alert(1)</script>&quot;\n`
    const html = scriptTag({ src: evil, nonce: evil, cursor: evil, identity: evil, endpoint: evil, prefix: evil })
    expect(html.match(/<|>/g)).toHaveLength(4)
    expect(html.match(/"/g)).toHaveLength(12)
    expect(html).not.toContain("'")
    const values = [...html.matchAll(/="([^"]*)"/g)].map(([, value]) =>
      value
        ?.replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'")
        .replaceAll('&amp;', '&'),
    )
    expect(values).toEqual(Array(6).fill(evil))
  })
})
