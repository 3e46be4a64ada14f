import { scriptTag } from '@trunkline/client/script'

import { clockCard, taskItem, tasksCard } from './cards.ts'
import { composer, nameForm, type NameProblem } from './forms.ts'
import { type Html, html, trusted } from './html.ts'
import type { History, Message } from './messages.ts'
import type { Person } from './person.ts'

export interface PageOptions {
  /** The process that serves the page. */
  readonly port: number
  readonly person: Person | null
  /** Where the log stood before the history was read: what comes after it comes through the stream. */
  readonly cursor: string
  readonly history: History
  readonly problem?: NameProblem | undefined
}

/** The whole page. Everything in it that people wrote is escaped by `html`. */
export function renderPage({ port, person, cursor, history, problem }: PageOptions): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content" />
        <meta name="color-scheme" content="light dark" />
        <title>Lobby · Trunkline chat room</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/chat.css" />
      </head>
      <body data-port="${port}" data-name="${person?.name ?? ''}">
        <header class="bar">
          <h1>Lobby</h1>
          <p class="served">page from process <span class="chip" id="served-by">${port}</span></p>
          <p class="served"><a href="/admin">admin</a></p>
          <p class="status" id="status" data-state="connecting">
            <span class="dot" aria-hidden="true"></span>
            <span id="status-text" role="status">Connecting …</span>
            <span id="status-countdown" aria-hidden="true"></span>
          </p>
        </header>
        <main class="room">
          <aside class="side" aria-label="Clock and tasks">${clockCard()} ${tasksCard(person)}</aside>
          <section class="chat" aria-label="Chat">
            <div class="scroll" id="messages" role="log" aria-label="Messages" tabindex="0">
              <button
                class="quiet"
                id="older"
                type="button"
                data-next="${history.next}"
                ${trusted(history.next === null ? 'hidden' : '')}
              >
                Show older messages
              </button>
              <p class="empty" id="empty" ${trusted(history.messages.length > 0 ? 'hidden' : '')}>
                Nobody has said anything yet.
              </p>
              <ol id="message-list">
                ${history.messages.map((message) => renderMessage(message, { port, person }))}
              </ol>
            </div>
            <p class="notice" id="reset-notice" role="alert" hidden>
              The room’s history has changed. <a href="/">Load it again</a>
            </p>
            <button class="newer" id="newer" type="button" hidden>New messages ↓</button>
            ${person === null ? nameForm(problem) : composer(person)}
          </section>
        </main>
        <template id="message-template"
          >${renderMessage({ id: '', name: '', text: '', port: 0, createdAt: '' }, { port, person })}</template
        >
        <template id="task-template">${taskItem()}</template>
        <noscript><p class="noscript">The chat needs JavaScript: it is what receives the events.</p></noscript>
        ${trusted(scriptTag({ src: '/realtime/client.js', cursor, connect: 'manual' }))}
        <script type="module" src="/chat.js"></script>
      </body>
    </html> `.text
}

/** What somebody sees who wanted the page, when there is none. */
export function renderProblem(message: string): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Trunkline chat room</title>
        <link rel="stylesheet" href="/chat.css" />
      </head>
      <body>
        <main class="sorry">
          <p>${message}</p>
          <p><a href="/">To the lobby</a></p>
        </main>
      </body>
    </html> `.text
}

/** One message. The page's script fills a copy of it in the template for those that arrive later. */
function renderMessage(message: Message, { port, person }: Pick<PageOptions, 'port' | 'person'>): Html {
  const own = message.name === person?.name ? ' own' : ''
  const other = message.port === port ? '' : ' other'
  return html` <li class="message${own}" data-id="${message.id}">
    <p class="meta">
      <b class="name" dir="auto">${message.name}</b>
      <time datetime="${message.createdAt}">${message.createdAt.slice(11, 16)}</time>
      <span class="via">via <span class="chip${other}">${message.port}</span></span>
    </p>
    <p class="text" dir="auto">${message.text}</p>
  </li>`
}
