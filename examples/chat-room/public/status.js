const element = document.querySelector('#status')
const text = document.querySelector('#status-text')
const countdown = document.querySelector('#status-countdown')
let timer

/** Shows how the connection is doing: a dot for the eye, words for everyone. */
export function showStatus(client) {
  show(client.state)
  client.onState(show)
}

function show(state) {
  const was = element.dataset.state
  const isBack = state.status === 'connecting' && was === 'waiting'
  // Between two attempts and during one it is the same news, and a screen reader should say it once.
  if (!isBack) element.dataset.state = state.status
  say(isBack ? text.textContent : wordsFor(state))
  clearInterval(timer)
  countdown.textContent = state.status === 'waiting' || isBack ? '…' : ''
  if (state.status === 'waiting') countDown(Date.now() + state.delayMs)
}

function wordsFor({ status, reason }) {
  if (status === 'open') return 'Connected'
  if (status === 'waiting') return 'Reconnecting'
  if (status === 'connecting') return 'Connecting …'
  return reason === 'closed' ? 'Disconnected' : 'Disconnected, reload the page'
}

function say(words) {
  if (text.textContent !== words) text.textContent = words
}

function countDown(until) {
  const tick = () => {
    const seconds = Math.ceil((until - Date.now()) / 1_000)
    countdown.textContent = seconds > 0 ? `in ${seconds} s` : '…'
  }
  tick()
  timer = setInterval(tick, 250)
}
