import { fillChip } from './chip.js'

const scroller = document.querySelector('#messages')
const list = document.querySelector('#message-list')
const template = document.querySelector('#message-template')
const older = document.querySelector('#older')
const newer = document.querySelector('#newer')
const empty = document.querySelector('#empty')
const notice = document.querySelector('#reset-notice')
const me = document.body.dataset.name

const shown = new Set([...list.children].map((item) => item.dataset.id))
const timeOfDay = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
/** Whether the visitor reads the end, and wants to see what comes next. */
let isFollowing = true
let isLoading = false

/** Shows messages: those the page came with, those that arrive, and the older ones when one scrolls up. */
export function showMessages(client) {
  for (const time of list.querySelectorAll('time')) fillTime(time, time.dateTime)
  toBottom()

  client.on('chat_message', ({ name, text, port }, { id, createdAt }) => {
    // What was written while the server made this page is in its history and in the stream.
    if (shown.has(id)) return
    const follow = isFollowing || name === me
    list.append(renderMessage({ id, createdAt, name, text, port }))
    empty.hidden = true
    if (follow) toBottom()
    else newer.hidden = false
  })
  client.onReset(() => (notice.hidden = false))

  newer.addEventListener('click', toBottom)
  scroller.addEventListener('scroll', noteScroll, { passive: true })
  // A task's bar, a longer draft or a phone's keyboard takes room away: who was at the end stays there.
  new ResizeObserver(() => isFollowing && toBottom()).observe(scroller)
  older.addEventListener('click', () => void loadOlder())
  watcher.observe(older)
}

// Reads on before the top is reached; the button itself is for the keyboard, and for a second try when reading failed.
const watcher = new IntersectionObserver(([entry]) => entry.isIntersecting && void loadOlder(), {
  root: scroller,
  rootMargin: '300px 0px 0px',
})

async function loadOlder() {
  if (isLoading || older.hidden) return
  isLoading = true
  // Not read out as if it had just been said.
  scroller.setAttribute('aria-busy', 'true')
  try {
    const response = await fetch(`/messages?before=${encodeURIComponent(older.dataset.next)}`)
    if (!response.ok) throw new Error(`The server answered ${response.status}.`)
    prepend(await response.json())
    // An observer tells of changes only, and the button may be in sight as before.
    watcher.unobserve(older)
    watcher.observe(older)
  } catch {
    older.textContent = 'Older messages did not come. Try again'
  } finally {
    isLoading = false
    scroller.removeAttribute('aria-busy')
  }
}

function prepend({ messages, next }) {
  const fromBottom = scroller.scrollHeight - scroller.scrollTop
  list.prepend(...messages.filter(({ id }) => !shown.has(id)).map(renderMessage))
  older.hidden = next === null
  older.dataset.next = next ?? ''
  older.textContent = 'Show older messages'
  // What one was reading stays where it is.
  scroller.scrollTop = scroller.scrollHeight - fromBottom
}

/** textContent only: what people write is never HTML. */
function renderMessage({ id, createdAt, name, text, port }) {
  shown.add(id)
  const item = template.content.firstElementChild.cloneNode(true)
  item.dataset.id = id
  item.classList.toggle('own', name === me)
  item.querySelector('.name').textContent = name
  item.querySelector('.text').textContent = text
  fillChip(item.querySelector('.chip'), port)
  fillTime(item.querySelector('time'), createdAt)
  return item
}

/** In the visitor's own time zone, which the server does not know. */
function fillTime(time, createdAt) {
  const date = new Date(createdAt)
  const isToday = date.toDateString() === new Date().toDateString()
  time.dateTime = createdAt
  time.textContent = (isToday ? timeOfDay : dayAndTime).format(date)
}

function noteScroll() {
  isFollowing = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80
  if (isFollowing) newer.hidden = true
}

function toBottom() {
  scroller.scrollTop = scroller.scrollHeight
  newer.hidden = true
}
