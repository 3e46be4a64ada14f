import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cache = resolve(import.meta.dirname, '../../node_modules/.cache/chromium')

/** Chromium of @sparticuz/chromium, unpacked once, and the environment in which it runs on a machine that has none of its libraries. */
export async function unpackChromium(): Promise<{ executablePath: string; env: Record<string, string> }> {
  const folder = join(cache, await version())
  if (!existsSync(folder)) await unpack(folder)
  return {
    executablePath: join(folder, 'chromium'),
    // NSS and expat, and a font: a bare Debian has neither.
    env: { LD_LIBRARY_PATH: join(folder, 'al2023/lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') },
  }
}

// The package unpacks into the temporary folder and takes whatever lies there for complete, so two test files that start at once would
// run half a browser. Here each unpacks into a folder of its own and the first to finish gives its place.
async function unpack(folder: string): Promise<void> {
  await mkdir(cache, { recursive: true })
  const partial = await mkdtemp(join(cache, 'partial-'))
  try {
    await run(process.execPath, ['--input-type=module', '--eval', unpackScript], {
      cwd: import.meta.dirname,
      env: { ...process.env, TMPDIR: partial },
    })
    await writeFile(join(partial, 'fonts.conf'), fontsConf(folder))
    await rename(partial, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

// The libraries are an archive that the package itself opens on AWS Lambda only.
const unpackScript = `
import chromium, { inflate } from '@sparticuz/chromium'
import { fileURLToPath } from 'node:url'
await chromium.executablePath()
await inflate(fileURLToPath(new URL('../bin/al2023.tar.br', import.meta.resolve('@sparticuz/chromium'))))
`

function fontsConf(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, 'fonts/fonts')}</dir>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`
}

async function version(): Promise<string> {
  const entry = new URL(import.meta.resolve('@sparticuz/chromium')).pathname
  const manifest = JSON.parse(await readFile(join(dirname(entry), '../package.json'), 'utf8')) as { version: string }
  return manifest.version
}
