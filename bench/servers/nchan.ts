// nginx with libnginx-mod-nchan: pub/sub in C. This process starts it, publishes by HTTP, and reads its worker's processor time.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { freePort } from '../../scripts/embedded-postgres/free-port.ts'
import { answerCalls } from '../src/calls.ts'
import { detailOf } from '../src/event.ts'
import { nchanModule, nginx } from '../src/nchan.ts'
import type { ServerMethods } from '../src/server.ts'

/** Linux says it in hundredths of a second. */
const usPerTick = 10_000

const folder = await mkdtemp(join(tmpdir(), 'trunkline-nchan-'))
const port = await freePort()
const agent = new Agent({ keepAlive: true, maxSockets: 10 })
let events = 0

await writeFile(
  join(folder, 'nginx.conf'),
  `load_module ${nchanModule()};
daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
worker_rlimit_nofile 20000;
events { worker_connections 16384; }
http {
  access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  nchan_message_buffer_length 100;
  server {
    listen 127.0.0.1:${port} backlog=16384;
    location = /sse { nchan_subscriber eventsource; nchan_eventsource_ping_interval 15; nchan_channel_id all; nchan_subscriber_first_message newest; }
    location = /publish { nchan_publisher; nchan_channel_id all; keepalive_requests 1000000; }
  }
}
`,
)
const server = spawn(nginx() ?? 'nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
process.on('exit', () => server.kill('SIGKILL'))
process.on('disconnect', () => void rm(folder, { recursive: true, force: true }))
await untilItAnswers()

const methods: ServerMethods = {
  port: () => port,
  publish: async ({ count, bytes }) => {
    await Promise.all(Array.from({ length: count }, () => post(JSON.stringify(detailOf(++events, bytes)))))
  },
  cpuUs,
  usage: async () => ({ cpuUs: await cpuUs(), rssBytes: await rssBytes(), heapBytes: 0 }),
}
answerCalls({ ...methods })

async function cpuUs(): Promise<number> {
  const stat = await readFile(`/proc/${server.pid}/stat`, 'utf8')
  // The name in brackets may have spaces; user and system time are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * usPerTick
}

async function rssBytes(): Promise<number> {
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1_024
}

function post(body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', path: '/publish', method: 'POST', agent }, (response) => {
      response.resume().on('end', resolve).on('error', reject)
    })
    asked.on('error', reject).end(body)
  })
}

async function untilItAnswers(): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await post('started')
    } catch (error) {
      if (attempt === 100) throw error
      await pause(20)
    }
  }
}
