import { expect, test } from 'vitest'

import { isLostConnection, isTransient, toTrunklineError } from '../src/errors.ts'

test.each([
  ['EPIPE', { code: 'EPIPE', errno: -32, syscall: 'write' }],
  ['ECONNRESET', { code: 'ECONNRESET', errno: -104, syscall: 'read' }],
  ['a server that stops', { code: '57P01', severity: 'FATAL' }],
])('%s is a connection that was lost: what was asked may be asked again', (_, parts) => {
  const error = toTrunklineError(Object.assign(new Error('gone'), parts), 'localhost:5432', 'trunkline')
  expect(error.code).toBe('store_unavailable')
  expect([isTransient(error), isLostConnection(error)]).toEqual([true, true])
})

test('what the server says of the values is a refusal', () => {
  const error = toTrunklineError(Object.assign(new Error('invalid'), { code: '22P02' }), 'localhost:5432', 'trunkline')
  expect([error.code, isTransient(error)]).toEqual(['store_refused', false])
})
