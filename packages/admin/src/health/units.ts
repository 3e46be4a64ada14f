/** `3 s`, `12 min`, `5 h`, `2 days`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`
  const units = [
    [86_400_000, 'days'],
    [3_600_000, 'h'],
    [60_000, 'min'],
  ] as const
  const [size, name] = units.find(([unit]) => ms >= 2 * unit) ?? [1_000, 's']
  return `${Math.round(ms / size)} ${name}`
}

/** `1 client`, `12 clients`. */
export function amount(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`
}

/** `512 B`, `1.5 KiB`, `64 MiB`. */
export function bytes(count: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = count < 1 ? 0 : Math.min(names.length - 1, Math.floor(Math.log2(count) / 10))
  return `${short(count / 1_024 ** power)} ${names[power]}`
}

/** With as many digits as one reads at a glance. */
export function short(value: number): string {
  return value.toLocaleString('en', value < 10 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 0 })
}
