// Do the tests see faults? Puts deliberate ones into core, one after the other, and expects the tests to fail each time.
//   pnpm mutations
import { spawnSync } from 'node:child_process'

import { mutants } from './mutations/mutants.ts'

function run(mutant: number | 'none'): 'passed' | 'failed' | 'broken' {
  const { status, stdout, stderr } = spawnSync('vitest', ['run', '--config', 'scripts/mutations/vitest.config.ts'], {
    encoding: 'utf8',
    env: { ...process.env, MUTANT: String(mutant) },
  })
  const said = stdout + stderr
  // A fault that could not be put in, or tests that did not run, prove nothing.
  if (said.includes('has not exactly one place') || !/Tests\s+.*\d+ (passed|failed)/.test(said)) {
    console.error(said)
    return 'broken'
  }
  return status === 0 ? 'passed' : 'failed'
}

if (run('none') !== 'passed') {
  console.error('The tests of core do not pass as they are: mend that first.')
  process.exit(1)
}
const unseen = mutants.filter(({ file, fault }, index) => {
  const seen = run(index) === 'failed'
  console.log(`${seen ? 'seen  ' : 'UNSEEN'}  ${file}: ${fault}`)
  return !seen
})
console.log(`${mutants.length - unseen.length} of ${mutants.length} faults were seen by the tests`)
process.exitCode = unseen.length === 0 ? 0 : 1
