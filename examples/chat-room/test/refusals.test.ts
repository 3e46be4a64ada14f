import { describe, expect, test } from 'vitest'

import { startRooms, visit } from './support.ts'

describe('what cannot be done is refused with a code and with words', () => {
  test('a message', async () => {
    const [room] = await startRooms()
    const ada = await visit(room, 'Ada')
    const send = async (fields: Record<string, string>): Promise<unknown> => {
      const response = await ada.post(`${room.url}/messages`, fields)
      return [response.status, await response.json()]
    }
    const refused = (status: number, error: string, message: string): unknown => [status, { error, message }]
    expect(await send({})).toEqual(refused(400, 'invalid_detail', 'Write something first.'))
    expect(await send({ text: ' \n ' })).toEqual(refused(400, 'invalid_detail', 'Write something first.'))
    expect(await send({ text: 'x'.repeat(501) })).toEqual(refused(400, 'invalid_detail', 'A message has at most 500 characters.'))
    expect(await send({ text: 'x'.repeat(9_000) })).toEqual(refused(413, 'body_too_large', 'A request may have 8192 bytes.'))
    expect(await send({ text: 'Hi', key: 'k'.repeat(300) })).toMatchObject([400, { error: 'invalid_event' }])
    expect((await ada.history(room)).messages).toEqual([])

    expect(await send({ text: '漢'.repeat(500) })).toMatchObject([201, {}])
    expect(await send({ text: '\0' })).toMatchObject([201, {}])
  })

  test('a name', async () => {
    const [room] = await startRooms()
    const visitor = await visit(room)
    for (const name of ['', '  ', 'x'.repeat(41), 'a\u0007b', 'a\nb']) {
      const response = await visitor.post(`${room.url}/name`, { name })
      expect.soft(response.status, JSON.stringify(name)).toBe(400)
      expect.soft(response.headers.get('set-cookie')).toBeNull()
      expect.soft(await response.text()).toContain('role="alert">')
    }
  })

  test('messages and tasks of somebody without a name, or with a cookie that is made up', async () => {
    const [room] = await startRooms()
    const visitor = await visit(room)
    for (const cookie of [
      '',
      'chat_person=1.Ada',
      'chat_person=%',
      'chat_person=00000000-0000-4000-8000-000000000000.%E0%A4%A',
    ]) {
      for (const path of ['/messages', '/tasks']) {
        const response = await visitor.post(`${room.url}${path}`, { text: 'Hi' }, { cookie })
        expect.soft([response.status, await response.json()]).toMatchObject([401, { error: 'no_name' }])
      }
    }
  })

  test('a place in the history that is none', async () => {
    const [room] = await startRooms()
    const response = await fetch(`${room.url}/messages?before=yesterday`)
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_cursor' }])
  })

  test('an address or a method that there is not', async () => {
    const [{ url }] = await startRooms()
    const statusOf = async (path: string, method = 'GET'): Promise<number> => (await fetch(url + path, { method })).status
    expect(await statusOf('/nowhere')).toBe(404)
    expect(await statusOf('/../server.ts')).toBe(404)
    expect(await statusOf('/toString')).toBe(404)
    expect(await statusOf('//')).toBe(404)
    expect(await statusOf('/messages', 'DELETE')).toBe(405)
    expect(await statusOf('/chat.js', 'POST')).toBe(405)
    expect(await statusOf('/', 'HEAD')).toBe(200)
  })

  test('somebody who wants a page, with a page', async () => {
    const [{ url }] = await startRooms()
    const response = await fetch(`${url}/nowhere`, { headers: { accept: 'text/html,*/*;q=0.8' } })
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await response.text()).toContain('There is no such page.')
  })

  test('posts from other sites', async () => {
    const [room] = await startRooms()
    const ada = await visit(room, 'Ada')
    const send = async (headers: Record<string, string>): Promise<number> =>
      (await ada.post(`${room.url}/messages`, { text: 'Hi' }, headers)).status
    expect(await send({ 'sec-fetch-site': 'cross-site' })).toBe(403)
    // Another port of the same host is another origin.
    expect(await send({ 'sec-fetch-site': 'same-site' })).toBe(403)
    expect(await send({ origin: 'https://evil.example' })).toBe(403)
    expect(await send({ origin: 'null' })).toBe(403)
    expect((await ada.history(room)).messages).toEqual([])
    expect(await send({ 'sec-fetch-site': 'same-origin', origin: room.url })).toBe(201)
    expect(await send({ origin: room.url })).toBe(201)
  })
})
