/**
 * Our Resolver in the shape that the SPF evaluator expects, with the limits on what a record may
 * make us ask.
 *
 * Ten terms that ask, two of them in vain, ten hosts for each `mx` and `ptr`; beyond that the
 * record is in error. The first question fetches the record itself and is no term; questions for
 * an explanation are none either. A name that no packet can hold does not exist. Anything else
 * that is no answer is trouble, and trouble never reads as absence.
 *
 * Callers: checks/spf. RFC 7208 §4.6.4, RFC 7208 §4.4.
 */
import type { MxAnswer, SpfQuestion, SpfVerdict } from 'mailauth/lib/spf/spf-verify.js';
import type { DnsOutcome, MxRecord, RecordType, Resolver } from '../dns/resolver.js';
import { printable } from './outcome.js';

const MOST_TERMS = 10;
const MOST_VOID = 2;
const MOST_HOSTS = 10;
/** The limits allow somewhat over two hundred questions; who wants to see more than this? */
const MOST_EVIDENCE = 120;
const LONGEST_EVIDENCE = 500;

export interface SpfLookups {
  /** Asks for a term: the first question is free, the others count. */
  readonly ask: SpfQuestion;
  /** Asks for the hosts of one `mx` or `ptr`. */
  readonly forHosts: () => SpfQuestion;
  /** Asks for an explanation. */
  readonly forExplanation: SpfQuestion;
  /** Each question with its answer, in the order of the answers; bounded. */
  evidence(): readonly string[];
  /** Whether a question of a term got no answer. */
  inTrouble(): boolean;
  counts(): SpfCounts;
}

export interface SpfCounts {
  /** Terms that asked DNS, of at most 10. */
  readonly terms: number;
  /** Those of them for which there was nothing, of at most 2. */
  readonly empty: number;
}

/** Ends the evaluation with a result. */
class SpfStop extends Error {
  /** The evaluator writes to it. */
  readonly spfResult: SpfVerdict;

  constructor(error: 'permerror' | 'temperror', text: string) {
    super(text);
    this.spfResult = { error, text };
  }
}

type Answer = DnsOutcome<string | MxRecord>;

export function spfLookups(resolver: Resolver, signal: AbortSignal): SpfLookups {
  const answers: { readonly name: string; readonly type: RecordType; readonly answer: Answer }[] = [];
  let terms = -1;
  let empty = 0;
  let trouble = false;

  async function ask(name: string, type: string): Promise<readonly unknown[]> {
    if (!isKnownType(type)) throw new SpfStop('temperror', `no questions of type ${type}`);
    const answer: Answer = await resolver.resolve(name, type, { signal });
    if (answers.length < MOST_EVIDENCE) answers.push({ name, type, answer });
    if (answer.status === 'found') return inShape(answer.records, type);
    if (answer.status === 'none' || answer.trouble === 'badName') return [];
    throw new SpfStop('temperror', `${type} ${name}: ${answer.trouble}`);
  }

  async function askForTerm(name: string, type: string): Promise<readonly unknown[]> {
    try {
      return await ask(name, type);
    } catch (error) {
      trouble = true;
      throw error;
    }
  }

  return {
    ask: (async (name, type) => {
      terms += 1;
      if (terms > MOST_TERMS) throw new SpfStop('permerror', `more than ${MOST_TERMS} terms ask DNS`);
      const found = await askForTerm(name, type);
      if (found.length === 0 && terms > 0) {
        empty += 1;
        if (empty > MOST_VOID) throw new SpfStop('permerror', `more than ${MOST_VOID} terms ask in vain`);
      }
      return found;
    }) as SpfQuestion,
    forHosts() {
      let hosts = 0;
      return (async (name, type) => {
        hosts += 1;
        if (hosts > MOST_HOSTS) throw new SpfStop('permerror', `more than ${MOST_HOSTS} hosts for one term`);
        return await askForTerm(name, type);
      }) as SpfQuestion;
    },
    forExplanation: ask as SpfQuestion,
    evidence: () => answers.map(({ name, type, answer }) => describe(`${type} ${name}`, answer)),
    inTrouble: () => trouble,
    counts: () => ({ terms: Math.max(0, Math.min(terms, MOST_TERMS)), empty }),
  };
}

function isKnownType(type: string): type is RecordType {
  return type === 'A' || type === 'AAAA' || type === 'MX' || type === 'TXT' || type === 'PTR';
}

function inShape(records: readonly (string | MxRecord)[], type: RecordType): readonly unknown[] {
  if (type === 'A' || type === 'AAAA') return records;
  return records.map((record): string | readonly string[] | MxAnswer => {
    if (typeof record !== 'string') return { exchange: record.exchange, priority: record.preference };
    return type === 'TXT' ? [record] : record;
  });
}

function describe(question: string, answer: Answer): string {
  return printable(`${question}: ${answerText(answer)}`, LONGEST_EVIDENCE);
}

function answerText(answer: Answer): string {
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
