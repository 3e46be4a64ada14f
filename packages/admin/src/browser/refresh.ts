/**
 * Puts a new version of an element in its place every so often, by loading the page it is on anew: `id` and `data-refresh="5"`, seconds.
 * Rests while nobody looks, and while somebody is busy with something in it.
 */
export function keepFresh(element: HTMLElement, enliven: (element: HTMLElement) => void): void {
  // Not element.id, which in a form is whatever field has the name id.
  const id = element.getAttribute('id') ?? ''
  const seconds = Number(element.dataset['refresh'])
  setInterval(() => {
    const current = document.getElementById(id)
    if (current === null || document.hidden || isBusy(current)) return
    load((fresh) => {
      const next = fresh.getElementById(id)
      if (next === null || isBusy(current)) return
      const taken = document.adoptNode(next)
      enliven(taken)
      current.replaceWith(taken)
    })
  }, seconds * 1_000)
}

function isBusy(element: HTMLElement): boolean {
  const { activeElement } = document
  const selection = getSelection()
  const isSelecting = selection?.type === 'Range' && element.contains(selection.anchorNode)
  const hasTicks = element.querySelector(':checked, details[open]') !== null
  return isSelecting || hasTicks || (activeElement !== null && activeElement !== element && element.contains(activeElement))
}

// XMLHttpRequest gives a document, in which no script runs. Making one of text is what the policy forbids.
function load(show: (fresh: Document) => void): void {
  const request = new XMLHttpRequest()
  request.responseType = 'document'
  request.addEventListener('load', () => {
    if (request.status === 200 && request.responseXML !== null) show(request.responseXML)
  })
  request.open('GET', location.href)
  request.send()
}
