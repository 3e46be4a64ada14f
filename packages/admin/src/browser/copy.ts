/** Copies the text of another element, which `data-copy` names. Where that is not allowed, the link leads to the text instead. */
export function copyOnClick(link: HTMLElement): void {
  const source = document.getElementById(link.dataset['copy'] ?? '')
  if (source === null || navigator.clipboard === undefined) return
  link.addEventListener('click', (event) => {
    event.preventDefault()
    navigator.clipboard.writeText(source.textContent ?? '').then(
      () => say(link, 'Copied'),
      () => location.assign((link as HTMLAnchorElement).href),
    )
  })
}

function say(link: HTMLElement, words: string): void {
  const before = link.textContent
  link.setAttribute('role', 'status')
  link.textContent = words
  setTimeout(() => {
    link.textContent = before
    link.removeAttribute('role')
  }, 1_500)
}
