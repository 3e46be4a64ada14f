import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'

import { startRooms, type Stream, visit } from './support.ts'

test("a task's progress is in all tabs of its person, and in nobody else's", async () => {
  const [here, there] = await startRooms({ stepMs: 5 })
  const ada = await visit(here, 'Ada')
  // The same name is not the same person.
  const namesake = await visit(here, 'Ada')
  const anonymous = await visit(there)
  const tabs = [await ada.stream(here), await ada.stream(there)]
  const strangers = [await namesake.stream(here), await namesake.stream(there), await anonymous.stream(there)]
  const seen = tabs.map(() => [] as number[])
  const overheard = vi.fn<() => void>()
  tabs.forEach((tab, i) => tab.on('task_progress', ({ percent }) => seen[i]?.push(percent)))
  for (const stranger of strangers) stranger.on('task_progress', overheard)

  const response = await ada.post(`${there.url}/tasks`)
  const { id } = (await response.json()) as { id: string }
  const done = Promise.all(tabs.map((tab) => untilState(tab, id, 'done')))
  expect(response.status).toBe(202)
  await done

  const all = Array.from({ length: 21 }, (_, i) => i * 5)
  expect(seen).toEqual([all, all])
  // What everybody hears comes after what these might have heard.
  const last = Promise.all(strangers.map((stranger) => stranger.once('chat_message')))
  await ada.say(here, 'Done')
  await last
  expect(overheard).not.toHaveBeenCalled()
})

test('somebody who runs many tasks has to wait', async () => {
  const [room] = await startRooms()
  const ada = await visit(room, 'Ada')
  const statuses = []
  for (let i = 0; i < 4; i++) statuses.push((await ada.post(`${room.url}/tasks`)).status)
  expect(statuses).toEqual([202, 202, 202, 429])
  expect((await (await visit(room, 'Grace')).post(`${room.url}/tasks`)).status).toBe(202)
})

test('one process ticks, and when it ends another one takes over', async () => {
  const rooms = await startRooms()
  const visitor = await visit(rooms[0])
  const streams = [await visitor.stream(rooms[0]), await visitor.stream(rooms[1])] as const
  const ports: number[] = []
  streams[1].on('clock', ({ port }) => ports.push(port))
  // The first ticks may come from both: each was alone for a moment.
  await vi.waitFor(() => expect(ports.length).toBeGreaterThan(3), { timeout: 10_000 })
  expect(new Set(ports.slice(-2)).size).toBe(1)

  const ticking = rooms.find(({ port }) => port === ports.at(-1))
  const other = ticking === rooms[0] ? 1 : 0
  await ticking?.stop()
  await vi.waitFor(async () => expect((await streams[other].once('clock')).detail.port).toBe(rooms[other].port), {
    timeout: 10_000,
  })
})

test('a process stops within two seconds, though streams are open and a task runs', async () => {
  const [here, there] = await startRooms()
  const ada = await visit(here, 'Ada')
  for (let i = 0; i < 20; i++) await (await visit(here)).stream(here)
  const tab = await ada.stream(there)
  const { id } = (await (await ada.post(`${here.url}/tasks`)).json()) as { id: string }
  const interrupted = untilState(tab, id, 'interrupted')

  const outcome = await Promise.race([here.stop(), sleep(2_000, 'too late')])
  expect(outcome).toBeUndefined()
  await interrupted
  await expect(fetch(here.url)).rejects.toThrow('fetch failed')
})

function untilState(stream: Stream, id: string, wanted: string): Promise<void> {
  return new Promise((resolve) => {
    stream.on(`task_progress:${id}`, ({ state }) => state === wanted && resolve())
  })
}
