import { type Html, html } from './html.ts'
import type { Person } from './person.ts'

/** The time, as soon as the first tick comes. */
export function clockCard(): Html {
  return html` <section class="card" aria-labelledby="clock-title">
    <h2 id="clock-title">Clock</h2>
    <p class="clock">
      <time id="clock">--:--:--</time> <span class="via">via <span class="chip" id="clock-port">…</span></span>
    </p>
    <p class="hint explanation">A global event, once a second. One process ticks, and everyone hears it.</p>
  </section>`
}

/** The visitor's own tasks. */
export function tasksCard(person: Person | null): Html {
  const button =
    person === null
      ? html`<p class="hint">Pick a name to run a task.</p>`
      : html`<button id="run-task" type="button">Run a long task</button>
          <p class="hint explanation">Its progress is in all your tabs, and in nobody else’s.</p>`
  return html` <section class="card" aria-labelledby="tasks-title">
    <h2 id="tasks-title">Your tasks</h2>
    ${button}
    <p class="problem" id="task-problem" role="alert" hidden></p>
    <ul id="tasks"></ul>
  </section>`
}

/** One task. The page's script fills a copy of it. */
export function taskItem(): Html {
  return html` <li class="task">
    <label
      ><span class="task-state">Running</span> <span class="task-percent">0 %</span>
      <span class="via">via <span class="chip"></span></span> <progress max="100" value="0"></progress
    ></label>
  </li>`
}
