/** A deliberate fault: one place in one file of core, changed as a slip of the hand would change it. */
export interface Mutant {
  readonly file: string
  readonly fault: string
  readonly from: string
  readonly to: string
}

/** Faults in cursor, join and routing code. Some test must fail for each of them. */
export const mutants: readonly Mutant[] = [
  {
    file: 'hub/routing.ts',
    fault: 'an event without a user goes to anonymous clients',
    from: 'userId !== null && event.userId === userId',
    to: 'String(event.userId) === String(userId)',
  },
  {
    file: 'hub/routing.ts',
    fault: 'skipped users are not skipped',
    from: 'event.skipUserIds.includes(userId)',
    to: 'false',
  },
  {
    file: 'hub/routing.ts',
    fault: 'system events reach browsers',
    from: 'default:\n      return false',
    to: 'default:\n      return true',
  },
  {
    file: 'connection/log-reader.ts',
    fault: 'what stands exactly at the place is sent again',
    from: 'entry.position > place.position :',
    to: 'entry.position >= place.position :',
  },
  {
    file: 'log.ts',
    fault: 'a pruned place is honoured',
    from: 'position < page.floor',
    to: 'position < page.floor - 1',
  },
  {
    file: 'log.ts',
    fault: 'a place ahead of the head is honoured',
    from: 'position > page.head',
    to: 'position > page.head + 1_000_000_000',
  },
  {
    file: 'log.ts',
    fault: 'the tag of the event at the place is not looked at',
    from: "page.tag === tag ? null : 'unknown_epoch'",
    to: 'null',
  },
  {
    file: 'connection/log-reader.ts',
    fault: 'a client joins the ring ahead of the tail',
    from: ' : page.through, followed)',
    to: ' : page.through, Infinity)',
  },
  {
    file: 'connection/log-reader.ts',
    fault: 'a client joins a ring that begins after what it has read',
    from: 'Math.max(this.#place.position, ring.floor.position)',
    to: 'this.#place.position',
  },
  {
    file: 'connection/log-reader.ts',
    fault: 'history that onReceive was asked about is sent although the log went back',
    from: 'if (this.#place !== place) continue\n      const last',
    to: 'const last',
  },
  {
    file: 'connection/log-reader.ts',
    fault: 'what beforeSend was asked about is sent although the log went back',
    from: 'if (this.#place !== place) return null',
    to: '',
  },
  {
    file: 'connection/log-reader.ts',
    fault: 'who was overtaken by unstored events is not told',
    from: 'if (ring.lostUnstoredSince(this.#unstoredFrom)) return this.#overflow()',
    to: '',
  },
  {
    file: 'connection/log-reader.ts',
    fault: 'unstored events from before the client came are sent to it',
    from: ': seq >= this.#unstoredFrom',
    to: ': true',
  },
  {
    file: 'connection/log-reader.ts',
    fault: 'unstored events that came while the client caught up are passed over',
    from: 'Math.max(this.#house.tail.ring.start, Math.min(seq, this.#unstoredFrom))',
    to: 'seq',
  },
  {
    file: 'rooms.ts',
    fault: 'a page of the log as it was goes to who asks after it went back',
    from: 'catchUp?.forget()',
    to: '',
  },
  {
    file: 'connection/connect.ts',
    fault: 'a truthy answer of canRead is a yes',
    from: 'return answer === true',
    to: 'return answer !== false',
  },
  {
    file: 'publisher/transaction-of.ts',
    fault: 'a transaction that is undefined is none',
    from: "'transaction' in options && transaction === undefined",
    to: 'false',
  },
  {
    file: 'http/http.ts',
    fault: 'HEAD asks for no rights',
    from: 'await trunkline.authorize?.(client)',
    to: '',
  },
  {
    file: 'tail/ring.ts',
    fault: 'the ring hands out the event at the place again',
    from: 'position <= position) low',
    to: 'position < position) low',
  },
  {
    file: 'tail/ring.ts',
    fault: 'the ring believes a cursor without its tag',
    from: ' && before.tag === tag',
    to: '',
  },
  {
    file: 'tail/tail.ts',
    fault: 'inline events are taken although some before them are missing',
    from: 'signal.after !== this.#place.position || ',
    to: '',
  },
  {
    file: 'tail/tail.ts',
    fault: 'the tail does not notice that its own event was taken back',
    from: 'if (lost !== null) {',
    to: "if (lost !== null && lost !== 'unknown_epoch') {",
  },
  {
    file: 'tail/tail.ts',
    fault: 'what came between the fork of a log and its head is passed over',
    from: 'const known = await this.#lastKnown(log)',
    to: 'const known = null as Place | null',
  },
  {
    file: 'tail/tail.ts',
    fault: 'unstored events are let go without a word',
    from: 'unstored.length > maxSignals / 2 ? [missed] : unstored',
    to: 'unstored.length > maxSignals / 2 ? [] : unstored',
  },
  {
    file: 'connection/log-reader.ts',
    fault: 'a lost place is answered before the tail has come to the head',
    from: ' && tail.place.position >= head',
    to: '',
  },
  {
    file: 'connection/log-reader.ts',
    fault: 'who reads the store is taken to the head when unstored events were lost',
    from: "if (this.#seq !== null) return this.reset('overflow')",
    to: "return this.reset('overflow')",
  },
  {
    file: 'connection/log-reader.ts',
    fault: 'what did not fit into the chunk is passed over',
    from: 'this.#seq = cut ?? seq',
    to: 'this.#seq = seq',
  },
  {
    file: 'connection/catch-up.ts',
    fault: 'one page serves two lives of the log',
    from: '[place, userId, channels]',
    to: '[place.position, userId, channels]',
  },
  {
    file: 'listener.ts',
    fault: 'nothing is read after listening anew',
    from: "this.#enter('listening')\n          // What came while nobody listened.\n          tail.look()",
    to: "this.#enter('listening')",
  },
  {
    file: 'cursor.ts',
    fault: 'positions are not padded, so that texts do not order as numbers do',
    from: ".padStart(13, '0')",
    to: ".padStart(13, ' ').replaceAll(' ', '')",
  },
  {
    file: 'hooks.ts',
    fault: 'a hook works on the event of everyone',
    from: 'structuredClone(entry.event)',
    to: '(entry.event)',
  },
]
