/** So many turns of everything that is ready. */
export async function ticks(count = 1): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve))
}
