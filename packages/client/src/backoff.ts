const minMs = 500
const maxMs = 30_000

/**
 * Milliseconds to wait after so many failures in a row. Full jitter: anything from 0 up to a bound that doubles from 0.5 s to 30 s, so
 * that the clients a server has lost at one moment do not come back at one moment.
 */
export function backoffMs(failures: number, random: () => number): number {
  return Math.round(random() * Math.min(maxMs, minMs * 2 ** (failures - 1)))
}
