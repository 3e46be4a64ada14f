import type { ListenerStats, LogStatus } from '@trunkline/core'

import { chart } from '../health/chart.ts'
import { type Finding, findingsOf } from '../health/findings.ts'
import { type Recorded, type Recorder, recorderOf, silentMs } from '../health/recorder.ts'
import { greatest, logBytes, rates, totals } from '../health/series.ts'
import { bytes, duration, short } from '../health/units.ts'
import { html, type Html, type Part } from '../html.ts'
import type { Page } from '../page.ts'
import { number, time } from '../show.ts'

/** How all processes are, now and over the last hour. */
export const healthPage: Page = {
  name: 'health',
  label: 'Health',
  async get({ trunkline }) {
    const recorder = recorderOf(trunkline)
    await recorder.look()
    const content = html`<h1>Health</h1>
      <div class="health" id="health" data-refresh="10">
        ${verdict(findingsOf(recorder), recorder)}
        <div class="charts">${charts(recorder)}</div>
        ${processes(recorder.processes)} ${log(recorder.log.at(-1)?.status)}
        <p class="soft">
          Recorded while somebody looks at this page or at Connections, and for an hour after that, by the process that answered
          you. The route for Prometheus keeps more.
        </p>
      </div>`
    return { title: 'Health', content }
  },
}

function verdict(findings: readonly Finding[], { processes: { length } }: Recorder): Html {
  if (findings.length === 0)
    return html`<p class="notice good" role="status"><b>All is well.</b> ${length} ${length === 1 ? 'process' : 'processes'}.</p>`
  return html`<ul class="findings" role="status">
    ${findings.map(
      ({ level, what, advice }) =>
        html`<li class="notice ${level}">
          <p><b>${level === 'bad' ? 'Red' : 'Look'}: ${what}</b></p>
          <p>${advice}</p>
        </li>`,
    )}
  </ul>`
}

function charts(recorder: Recorder): readonly Part[] {
  const perSecond = (value: number): string => `${short(value)}/s`
  const percent = (share: number): string => `${short(share * 100)} %`
  return [
    chart({ title: 'Events published', series: rates(recorder, ({ counters }) => counters.published), format: perSecond }),
    chart({ title: 'Deliveries', series: rates(recorder, ({ counters }) => counters.delivered), format: perSecond }),
    chart({ title: 'Connections', series: totals(recorder, ({ connections }) => connections), format: short }),
    chart({ title: 'Lag', series: greatest(recorder, ({ lagMs }) => lagMs), format: duration }),
    chart({ title: 'Not yet taken', series: totals(recorder, ({ queuedBytes }) => queuedBytes), format: bytes }),
    chart({
      title: 'Listening',
      series: totals(recorder, ({ listener }) => (listener.state === 'listening' ? 1 : 0)),
      format: (count) => `${count} of ${recorder.processes.length}`,
    }),
    chart({ title: 'Notification queue', series: greatest(recorder, ({ queueUsage }) => queueUsage), format: percent }),
    chart({ title: 'Log on disk', series: logBytes(recorder), format: bytes }),
  ]
}

function processes(recorded: readonly Recorded[]): Html {
  // It has nothing in it that could be reached by keyboard, and may be wider than the window.
  return html`<div class="table" role="region" aria-labelledby="processes" tabindex="0">
    <table>
      <caption>
        <h2 id="processes">Processes</h2>
      </caption>
      <thead>
        <tr>
          <th scope="col">Process</th>
          <th scope="col">Listener</th>
          <th scope="col">Since</th>
          <th scope="col" class="number">Connections</th>
          <th scope="col" class="number">Lag</th>
          <th scope="col" class="number">Delivered</th>
          <th scope="col" class="number">Resets</th>
        </tr>
      </thead>
      <tbody>
        ${recorded.map(row)}
      </tbody>
    </table>
  </div>`
}

function row({ last: { at, status } }: Recorded): Html {
  const { process, listener, connections, lagMs, counters } = status
  const isSilent = Date.now() - at > silentMs
  return html`<tr>
    <td class="mono value">${process}</td>
    <td>${isSilent ? html`<span class="tag warn">silent</span>` : listenerTag(listener)}</td>
    <td>${time(listener.since)}</td>
    <td class="number">${number(connections)}</td>
    <td class="number">${duration(lagMs)}</td>
    <td class="number">${number(counters.delivered)}</td>
    <td class="number">${number(counters.resets)}</td>
  </tr>`
}

function listenerTag({ state }: ListenerStats): Html {
  const looks = { listening: 'good', polling: 'bad', connecting: 'warn', stopped: 'warn' } as const
  return html`<span class="tag ${looks[state]}">${state === 'polling' ? 'deaf' : state}</span>`
}

function log(status: LogStatus | undefined): Part {
  if (status === undefined) return null
  const { events, bytes: size, oldest, retention } = status
  return html`<section class="card">
    <h2>The log</h2>
    <dl class="facts">
      ${fact('Events, at most', number(events))} ${size !== null && fact('On disk', bytes(size))}
      ${oldest !== null && fact('Oldest event', time(oldest))} ${fact('Retention', sayRetention(retention))}
    </dl>
  </section>`
}

function sayRetention(retention: LogStatus['retention']): string {
  if (retention === false) return 'everything is kept'
  const { maxAgeMs, maxEvents } = retention
  const bounds = [
    ...(maxAgeMs === undefined ? [] : [duration(maxAgeMs)]),
    ...(maxEvents === undefined ? [] : [`the newest ${number(maxEvents)} events`]),
  ]
  return bounds.join(', and ') || 'everything is kept'
}

function fact(name: string, value: Html | string): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`
}
