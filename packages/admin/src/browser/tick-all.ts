/** One box that ticks all others of its table. */
export function tickAll(box: HTMLInputElement): void {
  const others = [...(box.closest('table')?.querySelectorAll<HTMLInputElement>('tbody input[type=checkbox]') ?? [])]
  box.hidden = others.length === 0
  box.addEventListener('change', () => {
    for (const other of others) other.checked = box.checked
  })
  for (const other of others) {
    other.addEventListener('change', () => {
      const ticked = others.filter(({ checked }) => checked).length
      box.checked = ticked === others.length
      box.indeterminate = ticked > 0 && ticked < others.length
    })
  }
}
