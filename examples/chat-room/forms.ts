import { maxNameLength, maxTextLength } from './events.ts'
import { type Html, html } from './html.ts'
import type { Person } from './person.ts'

/** A name that was not taken, and why. */
export interface NameProblem {
  readonly message: string
  readonly name: string
}

/** For those who have no name yet. Works without the script. */
export function nameForm(problem: NameProblem | undefined): Html {
  const alert = problem === undefined ? null : html`<p class="problem" id="name-problem" role="alert">${problem.message}</p>`
  return html` <form class="composer" id="name-form" method="post" action="/name">
    ${alert}
    <label for="name">Your name</label>
    <div class="row">
      <input
        id="name"
        name="name"
        value="${problem?.name ?? null}"
        maxlength="${maxNameLength}"
        required
        autofocus
        autocomplete="nickname"
        aria-describedby="${problem === undefined ? '' : 'name-problem'}"
      />
      <button type="submit">Join</button>
    </div>
    <p class="hint">No password: a cookie remembers you.</p>
  </form>`
}

/** Where one writes. The script sends it. */
export function composer(person: Person): Html {
  return html` <form class="composer" id="composer">
      <p class="problem" id="composer-problem" role="alert" hidden></p>
      <label for="text">Message as <b id="my-name" dir="auto">${person.name}</b></label>
      <div class="row">
        <textarea
          id="text"
          name="text"
          rows="1"
          maxlength="${maxTextLength}"
          required
          autofocus
          enterkeyhint="send"
          autocomplete="off"
          aria-describedby="composer-problem"
        ></textarea>
        <button id="send" type="submit">Send</button>
      </div>
    </form>
    <form class="leave" method="post" action="/leave">
      <button class="quiet" id="leave" type="submit">Leave, or take another name</button>
    </form>`
}
