import type { LiveEvent } from '../live-stream.ts'

/** A row for an event. Everything of the event goes in as text. */
export function eventRow(event: LiveEvent): DocumentFragment {
  const { id, type, scope, createdAt, name, isStored, preview, detail, isCut } = event
  const { row, part } = copyOf('live-row')
  row.querySelector('time')?.setAttribute('datetime', createdAt)
  part('day').textContent = createdAt.slice(0, 10)
  part('clock').textContent = createdAt.slice(11, 19)
  part('ms').textContent = createdAt.slice(19, 23)
  part('type').textContent = type
  if (isStored) part('type').setAttribute('href', `?${new URLSearchParams({ page: 'event', id })}`)
  part('scope').textContent = scope
  part('scope').classList.add(scope)
  part('name').textContent = name
  if (name !== null) {
    const by = scope === 'channel' ? 'channel' : 'user'
    part('name').setAttribute('href', `?${new URLSearchParams({ page: 'events', [by]: name })}`)
  }
  part('preview').textContent = preview
  part('detail').textContent = detail
  part('cut').hidden = !isCut
  return row
}

/** A row that says that something is not here. */
export function gapRow(said: string): DocumentFragment {
  const { row, part } = copyOf('live-gap')
  part('said').textContent = said
  return row
}

function copyOf(id: string): { row: DocumentFragment; part: (name: string) => HTMLElement } {
  const row = (document.getElementById(id) as HTMLTemplateElement).content.cloneNode(true) as DocumentFragment
  return { row, part: (name) => row.querySelector(`[data-part="${name}"]`) as HTMLElement }
}
