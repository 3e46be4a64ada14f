import { fillChip } from './chip.js'
import { post, showProblem } from './problem.js'

const button = document.querySelector('#run-task')
const problem = document.querySelector('#task-problem')
const list = document.querySelector('#tasks')
const template = document.querySelector('#task-template')
const words = { running: 'Running', done: 'Done', interrupted: 'Interrupted' }
const maxShown = 4
const shown = new Set()

/** Shows the visitor's tasks, also those that another tab of the visitor started. */
export function showTasks() {
  button?.addEventListener('click', () => void run())

  window.addEventListener('trunkline:task_progress', ({ detail }) => {
    if (!shown.has(detail[':id'])) addTask(detail[':id'])
  })
}

async function run() {
  showProblem(problem, await post('/tasks'))
}

function addTask(id) {
  shown.add(id)
  const item = template.content.firstElementChild.cloneNode(true)
  const progress = item.querySelector('progress')
  const state = item.querySelector('.task-state')
  const percent = item.querySelector('.task-percent')
  item.dataset.id = id

  // One event fires task_progress first and then this, so a new bar hears of the event that made it.
  window.addEventListener(`trunkline:task_progress:${id}`, ({ detail }) => {
    item.dataset.state = detail.state
    progress.value = detail.percent
    state.textContent = words[detail.state]
    percent.textContent = `${detail.percent} %`
    fillChip(item.querySelector('.chip'), detail.port)
  })
  list.prepend(item)
  for (const old of [...list.children].slice(maxShown)) if (old.dataset.state !== 'running') old.remove()
}
