import { fillChip } from './chip.js'

const time = document.querySelector('#clock')
const chip = document.querySelector('#clock-port')
const format = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

/** Shows the server's time as it comes. */
export function showClock() {
  window.addEventListener('trunkline:clock', ({ detail }) => {
    time.dateTime = detail.now
    time.textContent = format.format(new Date(detail.now))
    fillChip(chip, detail.port)
  })
}
