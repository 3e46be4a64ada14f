import { existsSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { type Browser, chromium } from 'playwright-core'
import { unpackChromium } from './chromium-from-npm.ts'

const installedAt = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

// Chromium as root in a container, without a GPU and without calls home that would disturb a test's network.
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * A real Chromium with a fresh profile: that of `CHROME_PATH`, else an installed one, else one from npm that needs no system libraries.
 *
 * @example
 * await using browser = await launchBrowser()
 * const page = await browser.newPage()
 */
export async function launchBrowser({ backForwardCache = false }: BrowserOptions = {}): Promise<Browser> {
  const { executablePath, env } = await findBrowser()
  return chromium.launch({
    executablePath,
    args,
    env: { ...process.env, ...env },
    ...(backForwardCache && { ignoreDefaultArgs: ['--disable-back-forward-cache'] }),
  })
}

export interface BrowserOptions {
  /** Pages that one leaves are kept for going back to, as in any browser that people use. Defaults to false, as playwright has it. */
  readonly backForwardCache?: boolean
}

interface Executable {
  readonly executablePath: string
  readonly env: Readonly<Record<string, string>>
}

async function findBrowser(): Promise<Executable> {
  const { CHROME_PATH: wanted = '' } = process.env
  if (wanted !== '' && !existsSync(wanted)) throw new Error(`CHROME_PATH is ${wanted}, and there is no such file.`)
  const installed = wanted === '' ? installedAt.find((path) => existsSync(path)) : wanted
  if (installed !== undefined) return { executablePath: installed, env: {} }
  if (platform() === 'linux' && arch() === 'x64') return unpackChromium()
  throw new Error(`npm has no Chromium for ${platform()}-${arch()}. Install Chrome, or set CHROME_PATH.`)
}
