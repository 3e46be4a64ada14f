const here = document.body.dataset.port

/** Says which process something came through, and sets it off when that is not the one that served this page. */
export function fillChip(chip, port) {
  chip.textContent = String(port)
  chip.classList.toggle('other', String(port) !== here)
}
