import { scopeField } from '../filter-form.ts'
import { suggestions, textField } from '../fields.ts'
import { readFilter } from '../filter.ts'
import { html, type Html } from '../html.ts'
import { liveStream } from '../live-stream.ts'
import { link } from '../link.ts'
import type { Page } from '../page.ts'

/** What is published, as it happens. With `stream`, the stream itself; the script shows it. */
export const livePage: Page = {
  name: 'live',
  label: 'Live',
  get(visit) {
    const asked = readFilter(visit.query)
    if (visit.query.has('stream')) return liveStream(visit, asked.filter)
    const { type, scope, user, channel, text } = asked.asked
    const content = html`<h1>Live</h1>
      <noscript
        ><p class="notice warn">
          This page needs JavaScript. What was stored is in <a href="${link('events')}">Events</a>.
        </p></noscript
      >
      <search>
        <form class="card filter" method="get" id="live-filter">
          <input type="hidden" name="page" value="live" />
          ${suggestions('types', visit.door.types ?? [])}
          <div class="fields">
            ${textField({ name: 'type', label: 'Type', value: type, list: 'types' })}
            ${scopeField({ name: 'scope', value: scope })} ${textField({ name: 'user', label: 'User', value: user })}
            ${textField({ name: 'channel', label: 'Channel', value: channel })}
            ${textField({ name: 'text', label: 'Text in the detail', value: text })}
          </div>
          <noscript><button class="button">Show</button></noscript>
        </form>
      </search>
      <section id="live" aria-label="What happens" hidden>
        <div class="head">
          <p class="row">
            <span class="dot" data-state="connecting"></span>
            <b role="status" id="live-state">Connecting …</b>
            <span class="soft" id="live-count"></span>
          </p>
          <div class="row">
            <button class="button quiet small" type="button" id="live-pause" aria-pressed="false">Pause</button>
            <button class="button quiet small" type="button" id="live-clear">Clear</button>
          </div>
        </div>
        <div class="table">
          <table class="events">
            <caption class="visually-hidden">
              Events as they come, newest first
            </caption>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Type</th>
                <th scope="col">For</th>
                <th scope="col">Detail</th>
              </tr>
            </thead>
            <tbody id="live-rows"></tbody>
          </table>
          <p class="empty" id="live-empty">Nothing has happened since this page was opened.</p>
        </div>
      </section>
      ${templates()}`
    return { title: 'Live', content }
  },
}

/** What the script makes rows of. It fills them with text, never with HTML. */
function templates(): Html {
  return html`<template id="live-row">
      <tr>
        <td class="when">
          <time><span data-part="day"></span> <b data-part="clock"></b><span class="soft" data-part="ms"></span></time>
        </td>
        <td class="type"><a class="value" data-part="type"></a></td>
        <td class="for"><span class="tag" data-part="scope"></span> <a class="value" data-part="name"></a></td>
        <td class="detail">
          <details>
            <summary class="value mono" data-part="preview"></summary>
            <pre data-part="detail" tabindex="0"></pre>
            <p class="soft" data-part="cut" hidden>The rest is on the event’s own page.</p>
          </details>
        </td>
      </tr>
    </template>
    <template id="live-gap">
      <tr class="gap">
        <td colspan="4"><span data-part="said"></span> <a href="${link('events')}">Events</a> has what was stored.</td>
      </tr>
    </template>`
}
