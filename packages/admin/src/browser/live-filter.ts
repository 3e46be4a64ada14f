const form = (): HTMLFormElement => document.getElementById('live-filter') as HTMLFormElement

/** Where the stream of the filter is. */
export function streamUrl(): string {
  return `?${query()}&stream=1`
}

/** Calls when the filter has become another one, half a second after the last key. The address follows it. */
export function filterChanged(handler: () => void): void {
  let last = query()
  let timer: number | undefined
  function look(): void {
    clearTimeout(timer)
    const now = query()
    if (now === last) return
    last = now
    history.replaceState(null, '', `?${now}`)
    handler()
  }
  form().addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(look, 500) as unknown as number // a browser's timer, whatever types are around
  })
  form().addEventListener('submit', (event) => {
    event.preventDefault()
    look()
  })
}

function query(): string {
  const fields = [...new FormData(form())].map(([name, value]) => [name, value instanceof File ? '' : value.trim()])
  return String(new URLSearchParams(fields.filter(([, value]) => value !== '')))
}
