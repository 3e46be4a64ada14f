import { createTrunkline } from '@trunkline/core'
import { postgres } from '@trunkline/postgres'

/** Replays a channel's 10,000 events, and looks at the memory of the process meanwhile. */
export async function measureReplay(url: string, schema: string): Promise<string> {
  const trunkline = createTrunkline({ ...postgres({ url, schema }), retention: false })
  const heaps: number[] = []
  const began = performance.now()
  const replayed = await trunkline.replayMany(
    { channel: 'room-62' },
    {
      onProgress: () => {
        globalThis.gc?.()
        heaps.push(process.memoryUsage().heapUsed)
      },
    },
  )
  const seconds = ((performance.now() - began) / 1_000).toFixed(1)
  await trunkline.stop({ graceMs: 0 })
  const grown = (Math.max(...heaps) - (heaps[0] as number)) / 1_048_576
  return `\n${replayed.count.toLocaleString('en')} events replayed in ${seconds} s; the heap grew by ${grown.toFixed(1)} MiB at most`
}
