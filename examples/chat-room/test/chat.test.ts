import { expect, onTestFinished, test, vi } from 'vitest'

import { startRooms, visit } from './support.ts'

test('what is said at one process is seen at the other', async () => {
  const [here, there] = await startRooms()
  const ada = await visit(here, 'Ada')
  const grace = await visit(there, 'Grace')
  const stream = await grace.stream(there)
  const heard = stream.once('chat_message')

  const id = await ada.say(here, 'Hello!')

  expect(await heard).toMatchObject({ id, detail: { name: 'Ada', text: 'Hello!', port: here.port }, channel: 'lobby' })
  expect(await grace.history(there)).toMatchObject({
    messages: [{ id, name: 'Ada', text: 'Hello!', port: here.port }],
    next: null,
  })
  expect(await (await grace.get(there.url)).text()).toContain(`data-id="${id}"`)
})

test('what people write is text and never HTML', async () => {
  const [room] = await startRooms()
  const name = `<b onclick="x()">'&`
  const mallory = await visit(room, name)
  await mallory.say(room, '</p><script>alert(1)</script>')

  const page = await (await mallory.get(room.url)).text()
  expect(page).toContain('&#60;/p&#62;&#60;script&#62;alert(1)&#60;/script&#62;')
  expect(page).toContain('data-name="&#60;b onclick=&#34;x()&#34;&#62;&#39;&#38;"')
  expect(page).not.toContain('<b onclick')
  expect((await mallory.history(room)).messages).toMatchObject([{ name, text: '</p><script>alert(1)</script>' }])
})

test('the page has nothing inline, and a policy that allows nothing inline', async () => {
  const [room] = await startRooms()
  const response = await (await visit(room, 'Ada')).get(room.url)
  const page = await response.text()
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/)
  expect(response.headers.get('content-security-policy')).not.toContain('unsafe')
  expect(page).not.toMatch(/<script(?![^>]* src=)|<style| style=| on[a-z]+=/)
  const files = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => `${room.url}${path}`)
  expect(files.length).toBeGreaterThan(3)
  for (const file of files) expect.soft((await fetch(file)).status, file).toBe(200)
})

test('the history goes back to the first message, without gaps and repeats', async () => {
  const [room] = await startRooms()
  const ada = await visit(room, 'Ada')
  const said: string[] = []
  for (let i = 0; i < 65; i++) said.push(await ada.say(room, `Message ${i}`))

  const read: string[] = []
  for (let before: string | undefined, pages = 0; pages < 10; pages++) {
    const { messages, next } = await ada.history(room, before)
    read.unshift(...messages.map(({ id }) => id))
    if (next === null) break
    before = next
  }
  expect(read).toEqual(said)
})

test('nothing is missed between the page and its stream', async () => {
  const [here, there] = await startRooms()
  const ada = await visit(here, 'Ada')
  const grace = await visit(there, 'Grace')
  const said: string[] = []
  const over = new AbortController()
  const talking = (async () => {
    while (!over.signal.aborted) said.push(await ada.say(here, 'and so on'))
  })()
  onTestFinished(() => over.abort())

  await vi.waitFor(() => expect(said.length).toBeGreaterThan(5))
  const page = await (await grace.get(there.url)).text()
  const cursor = /data-cursor="([^"]+)"/.exec(page)?.[1] ?? ''
  const seen = [...page.matchAll(/data-id="([^"]+)"/g)].map(([, id]) => id as string) // the group is not optional
  const before = said.length
  await vi.waitFor(() => expect(said.length).toBeGreaterThan(before + 10))
  await grace.stream(there, { cursor }, (stream) => {
    stream.on('chat_message', (_detail, { id }) => void (seen.includes(id) || seen.push(id)))
  })
  over.abort()
  await talking

  const first = said.indexOf(seen[0] as string) // the page shows the last 30 of more than 5
  await vi.waitFor(() => expect(seen).toEqual(said.slice(first)))
})

test('a message that is sent again with its key is said once', async () => {
  const [here, there] = await startRooms()
  const ada = await visit(here, 'Ada')
  const answers = [here, there, here].map(async ({ url }) =>
    (await ada.post(`${url}/messages`, { text: 'Once', key: 'k1' })).json(),
  )
  const [first, ...others] = await Promise.all(answers)
  expect(others).toEqual([first, first])
  expect((await ada.history(there)).messages).toHaveLength(1)

  // Keys are the sender's own.
  await (await visit(there, 'Grace')).post(`${there.url}/messages`, { text: 'Mine', key: 'k1' })
  expect((await ada.history(there)).messages).toHaveLength(2)
})
