import { post, showProblem } from './problem.js'

const form = document.querySelector('#composer')
const field = document.querySelector('#text')
const problem = document.querySelector('#composer-problem')

let isSending = false
/** What was tried last, and its key: the server says a key once, so that a second try after a lost answer repeats nothing. */
let tried = { text: '', key: '' }

/** Lets the visitor write, once there is a name. */
export function startComposer() {
  if (form === null) return
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void send()
  })
  field.addEventListener('keydown', (event) => {
    // Enter also ends the input of a Japanese word, say, and that is not the end of the message.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    form.requestSubmit()
  })
  field.addEventListener('input', grow)
}

async function send() {
  if (isSending) return
  isSending = true
  const text = field.value
  if (text !== tried.text) tried = { text, key: randomKey() }
  const refusal = await post('/messages', tried)
  isSending = false
  showProblem(problem, refusal)
  if (refusal === null) {
    tried = { text: '', key: '' }
    // What was written meanwhile stays.
    if (field.value === text) field.value = ''
    grow()
  }
  field.focus()
}

/** As high as its text. */
function grow() {
  field.style.height = 'auto'
  field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`
}

function randomKey() {
  // crypto.randomUUID is missing on pages that come over plain HTTP from another machine.
  return crypto.getRandomValues(new Uint32Array(4)).join('-')
}
