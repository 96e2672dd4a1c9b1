/**
 * A question to DNS with its answer, as one line of a check's evidence.
 *
 * Made when somebody reads it, because few do. What strangers wrote is made safe for one line.
 *
 * Callers: the lookups of the checks.
 */
import type { DnsOutcome, MxRecord, RecordType } from '../dns/resolver.js';
import { printable } from './outcome.js';

const LONGEST_EVIDENCE = 500;

export interface Asked {
  readonly name: string;
  readonly type: RecordType;
  readonly answer: DnsOutcome<string | MxRecord>;
}

/** `TXT example.org: v=spf1 -all`. */
export function evidenceOf({ name, type, answer }: Asked): string {
  return printable(`${type} ${name}: ${answerText(answer)}`, LONGEST_EVIDENCE);
}

function answerText(answer: Asked['answer']): string {
  switch (answer.status) {
    case 'found':
      return answer.records
        .map((record) => (typeof record === 'string' ? record : `${record.preference} ${record.exchange}`))
        .join(' | ');
    case 'none':
      return answer.nxdomain ? 'no such name' : 'none';
    case 'tempFail':
      return answer.trouble;
  }
}
