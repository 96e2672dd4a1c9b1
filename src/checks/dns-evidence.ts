/**
 * A question to DNS with its answer, as one line of a check's evidence.
 *
 * What strangers wrote is made safe for one line, and its length and number are bounded.
 *
 * Callers: checks; those that ask much make the lines when somebody reads them, because few do.
 */
import type { DnsOutcome, MxRecord, RecordType } from '../dns/resolver.js';
import { printable } from './outcome.js';

const LONGEST_EVIDENCE = 500;
const MOST_RECORDS = 10;

export interface Asked {
  readonly name: string;
  readonly type: RecordType;
  readonly answer: DnsOutcome<string | MxRecord>;
}

/** `TXT example.org: v=spf1 -all`. */
export function evidenceOf({ name, type, answer }: Asked): string {
  return printable(`${type} ${name}: ${answerText(answer)}`, LONGEST_EVIDENCE);
}

/** The answer in one line: records, `no such name`, `none`, or the trouble. */
export function answerText(answer: Asked['answer']): string {
  switch (answer.status) {
    case 'found': {
      const shown = answer.records.slice(0, MOST_RECORDS).map(recordText);
      const more = answer.records.length - shown.length;
      return printable(shown.join(', '), LONGEST_EVIDENCE) + (more > 0 ? ` and ${more} more` : '');
    }
    case 'none':
      return answer.nxdomain ? 'no such name' : 'none';
    case 'tempFail':
      return answer.trouble;
  }
}

function recordText(record: string | MxRecord): string {
  return typeof record === 'string' ? record : `${record.preference} ${record.exchange}`;
}
