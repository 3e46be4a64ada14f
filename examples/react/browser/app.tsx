import { type ReactElement, useEffect, useState } from 'react'

import { Connection } from './connection.tsx'
import { start, useEvent, useTrunkline } from './realtime.ts'
import { ReportRow } from './report-row.tsx'

const titles = ['Sales by region', 'Open invoices', 'Visitors of the week', 'Stock below minimum']

export function App(): ReactElement {
  const [reports, setReports] = useState(() => new Map(start.reports.map((report) => [report[':id'], report])))
  const [problem, setProblem] = useState('')

  useEvent('report_progress', (report) => {
    setReports((current) => new Map(current).set(report[':id'], report))
  })

  // History was lost, which an ordinary reconnect does not do: what is shown may be stale.
  const client = useTrunkline()
  useEffect(() => client.onReset(() => location.reload()), [client])

  async function prepare(): Promise<void> {
    const title = titles[reports.size % titles.length]
    const headers = { 'content-type': 'application/json' }
    const response = await fetch('/api/reports', { method: 'POST', headers, body: JSON.stringify({ title }) }).catch(() => null)
    setProblem(response?.ok ? '' : 'The server does not answer. Try again in a moment.')
  }

  return (
    <main>
      <header>
        <h1>Reports</h1>
        <Connection />
      </header>
      <button type="button" className="prepare" onClick={() => void prepare()}>
        Prepare a report
      </button>
      {problem !== '' && <p role="alert">{problem}</p>}
      {reports.size === 0 && <p className="empty">None yet. Open this page in two tabs, and prepare one.</p>}
      <ul>
        {[...reports.values()].toReversed().map((report) => (
          <ReportRow key={report[':id']} report={report} />
        ))}
      </ul>
    </main>
  )
}
